"""What SAM makes of the template passes for every setting of every condition, and for every pair of settings."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import pytest

from tools.check_template import faults
from tools.template import EVERYTHING, REQUIRED, read_template

pytestmark = pytest.mark.long

# Each switch: what is given if it is off, and if it is on. Settings that belong together are one switch.
SWITCHES: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    name: ({}, {each: EVERYTHING[each] for each in together})
    for name, together in {
        "origins": ["AllowedOrigins"],
        "domain": ["DomainName", "CertificateArn"],
        "frontend": ["NextRevalidateUrl"],
        "shared secret": ["SupabaseSharedSecret"],
        "searches": ["SearchConcurrency"],
        "charts": ["ChartRouteConcurrency"],
        "e-mail": ["AlarmEmail"],
        "tracing": ["Tracing"],
        "network": ["SubnetIds", "SecurityGroupIds"],
        "boundary": ["PermissionsBoundary"],
        "endpoint": ["SqsEndpointUrl"],
        "snapshots": ["SnapStart"],
        "processor": ["Architecture"],
    }.items()
} | {
    "schedule": ({}, {"ChartScheduleState": "DISABLED"}),
    "signers": ({}, {"SignersFrom": "external"}),
    "roll-out": ({"GradualRollOut": "false"}, {"GradualRollOut": "true"}),
}


def deployments() -> list[dict[str, str]]:
    """Parameters in which each pair of settings occurs, and all off, and all on.

    Each switch is on in four of seven deployments, and no two in the same four. So there is one in which both are on,
    one for each in which it is on alone; and both are off where all are. Fewer than eight cannot do that for more than
    fifteen switches (Kleitman and Spencer, 1973, https://doi.org/10.1016/0012-365X(73)90098-8).
    """
    seven = range(7)
    switched_on = dict(zip(SWITCHES, combinations(seven, 4), strict=False))
    mixed = [{name: number in switched_on[name] for name in SWITCHES} for number in seven]
    return [_parameters(each) for each in (dict.fromkeys(SWITCHES, False), dict.fromkeys(SWITCHES, True), *mixed)]


def _parameters(switches: Mapping[str, bool]) -> dict[str, str]:
    given = [SWITCHES[name][is_on] for name, is_on in switches.items()]
    return dict(REQUIRED) | {parameter: value for each in given for parameter, value in each.items()}


def test_every_parameter_that_a_condition_asks_for_is_a_switch() -> None:
    template = read_template()
    asked = {*_references(template["Conditions"])} | {
        template["Globals"]["Function"]["DeploymentPreference"]["Enabled"]["Ref"]
    }

    assert asked <= {name for off, on in SWITCHES.values() for name in {**off, **on}}


@pytest.mark.parametrize("parameters", deployments(), ids=lambda given: f"{len(given)} given")
def test_a_deployment_passes_the_linter_and_the_house_rules(parameters: Mapping[str, str]) -> None:
    assert [*faults(read_template(), parameters)] == []


def test_each_pair_of_settings_is_tried() -> None:
    tried = deployments()
    for one, (off, on) in SWITCHES.items():
        for other, (its_off, its_on) in SWITCHES.items():
            for left in (off, on):
                for right in (its_off, its_on):
                    assert one == other or any(_has(each, left, on) and _has(each, right, its_on) for each in tried)


def _has(parameters: Mapping[str, str], setting: Mapping[str, str], switched_on: Mapping[str, str]) -> bool:
    """Check whether a switch has this setting. It is off if the parameters that switch it on are not given."""
    if setting:
        return parameters.items() >= setting.items()
    return not parameters.items() >= switched_on.items()


def _references(node: Any) -> Iterator[str]:  # noqa: ANN401 - conditions nest
    match node:
        case {"Ref": str(name)}:
            yield name
        case dict():
            for part in node.values():
                yield from _references(part)
        case list():
            for part in node:
                yield from _references(part)
