"""Check an environment's parameters before anything is built: python -m tools.parameters staging.

SAM ignores names that the template lacks, CloudFormation checks values only after a build and an upload, and a
parameter that is left out keeps the value of the previous deployment. So every parameter is checked here, and written
for `sam` in .aws-sam/parameters. No value is ever shown.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from local.intrinsics import Resolver
from tools.artifact import ROOT
from tools.command import CommandError, run
from tools.environment import EXAMPLE, FOLDER, Environment, load, read_file
from tools.template import Properties, Template, read_template

WRITTEN: Final = ROOT / ".aws-sam" / "parameters"
DERIVED: Final = {
    "Release": "make deploy sets it",
    "SecretsPrefix": "it follows from the environment's name",
}
"""Parameters that no file may set, with the reason."""

type Values = dict[str, str]


class ParameterError(CommandError):
    """What is wrong with an environment's parameters: one sentence a line."""


def check_parameters(environment: Environment, template: Template) -> Values:
    """Return the value of every parameter except Release, as SAM and CloudFormation take it.

    Raises:
        ParameterError: some are wrong.
    """
    values = {name: as_text(value) for name, value in environment.given.items()}
    if faults := [*_faults(environment, values, template)]:
        shown = f"environments/{environment.name}.yaml"
        raise ParameterError("\n".join(f"{shown}: {fault}" for fault in faults))
    defaults = {name: as_text(each["Default"]) for name, each in template["Parameters"].items() if "Default" in each}
    del defaults["Release"]
    return {**defaults, **values, "SecretsPrefix": environment.stack}


def as_text(value: object) -> str:
    """Return the text that `sam` makes of a YAML value: a list is joined, null is empty, true becomes True."""
    if isinstance(value, list):
        return ",".join(str(part).strip() for part in value if part not in (None, ""))
    return "" if value is None else str(value)


def _faults(environment: Environment, values: Values, template: Template) -> Iterator[str]:
    declared: Mapping[str, Properties] = template["Parameters"]
    yield from (_unknown(name, declared) for name in values if name not in declared)
    yield from (f"{name} must be left out: {DERIVED[name]}." for name in values if name in DERIVED)
    missing = {name for name, each in declared.items() if "Default" not in each and not values.get(name)}
    yield from (f"{name} is missing: {declared[name]['Description']}." for name in sorted(missing))
    given = values.keys() & declared.keys() - missing
    wrong = sorted(name for name in given if not _fits(declared[name], values[name]))
    yield from (_constraint(name, declared[name]) for name in wrong)
    yield from _example_values(environment, values)
    yield from _broken_rules(values, template)
    yield from _foreign_resources(environment, values)


def _unknown(name: str, declared: Mapping[str, Properties]) -> str:
    if name == "$include":
        return "$include is not allowed: one file describes one environment."
    near = get_close_matches(name.lower(), [each.lower() for each in declared], n=1, cutoff=0.6)
    meant = next((each for each in declared if near and each.lower() == near[0]), None)
    return f"{name} is not a parameter{f': did you mean {meant}?' if meant else ' of template.yaml.'}"


def _fits(parameter: Properties, value: str) -> bool:
    allowed = [str(each) for each in parameter.get("AllowedValues", [value])]
    return (
        value in allowed
        and bool(re.fullmatch(parameter.get("AllowedPattern", ".*"), value, re.DOTALL))
        and (parameter["Type"] != "Number" or _in_range(parameter, value))
    )


def _in_range(parameter: Properties, value: str) -> bool:
    if not re.fullmatch(r"-?[0-9]+", value):
        return False
    return bool(parameter.get("MinValue", int(value)) <= int(value) <= parameter.get("MaxValue", int(value)))


def _constraint(name: str, parameter: Properties) -> str:
    if "ConstraintDescription" in parameter:
        return f"{name} {parameter['ConstraintDescription']}."
    if "AllowedValues" in parameter:
        # Of true and True, one is enough.
        choices = dict.fromkeys(str(each) for each in parameter["AllowedValues"] if str(each) not in {"True", "False"})
        return f"{name} must be one of {', '.join(choices)}."
    return f"{name} must be a whole number from {parameter['MinValue']} to {parameter['MaxValue']}."


def _example_values(environment: Environment, values: Values) -> Iterator[str]:
    example = {name: as_text(value) for name, value in read_file(FOLDER / f"{EXAMPLE}.yaml").items()}
    given = values | ({"Account": environment.account} if environment.account else {})
    same = (name for name, value in given.items() if value and value == example.get(name))
    yield from (f"{name} still has the value of environments/example.yaml." for name in same)


def _broken_rules(values: Values, template: Template) -> Iterator[str]:
    """Yield what breaks the template's Rules, which CloudFormation would evaluate only after the upload."""
    defaults = {name: as_text(each.get("Default", "")) for name, each in template["Parameters"].items()}
    resolver = Resolver({**defaults, **values, "Release": "named"}, template["Conditions"])
    for rule in template["Rules"].values():
        if "RuleCondition" in rule and not resolver.holds(rule["RuleCondition"]):
            continue
        yield from (f"{a['AssertDescription']}." for a in rule["Assertions"] if not resolver.holds(a["Assert"]))


def _foreign_resources(environment: Environment, values: Values) -> Iterator[str]:
    """Yield resources of another region, which only API Gateway would refuse, after everything else."""
    certificate = values.get("CertificateArn", "").split(":")
    if environment.region and len(certificate) > 3 and certificate[3] != environment.region:  # noqa: PLR2004 - an ARN's
        yield "CertificateArn must be in the stack's region."


def main(name: str = "") -> None:
    """Write the parameters of an environment for `sam`, or say what is wrong with them."""
    environment = load(name)
    values = check_parameters(environment, read_template())
    WRITTEN.mkdir(parents=True, exist_ok=True)
    path = Path(WRITTEN, f"{name}.yaml")
    # JSON is YAML too, and `sam` reads no other ending.
    path.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n", "utf-8")
    sys.stdout.write(f"environments/{name}.yaml: {len(environment.given)} parameters are valid.\n")


if __name__ == "__main__":
    run(main)
