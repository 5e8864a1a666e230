"""The files that go with the template say what it says."""

import json
import re
from pathlib import Path

import pytest

from local.gateway.template import load
from local.intrinsics import parse_template
from tools.cloudformation import resolve, translate
from tools.events import NO_TOKEN, events
from tools.house_rules.shape import ALARM, FUNCTION, of_type, variables
from tools.smoke_checks import Target, request_for
from tools.template import EVERYTHING, REQUIRED, TEMPLATE, read_template

ROOT = Path(__file__).parents[2]
EVENTS = events(NO_TOKEN)


@pytest.mark.parametrize("name", EVENTS)
def test_a_committed_event_is_what_the_gateway_makes_today(name: str) -> None:
    assert json.loads((ROOT / "events" / f"{name}.json").read_text()) == EVENTS[name]


def test_every_function_has_an_event() -> None:
    assert len(of_type(resolve(translate(read_template(), REQUIRED), REQUIRED), FUNCTION)) == len(EVENTS)
    assert {path.stem for path in (ROOT / "events").iterdir()} == EVENTS.keys()


def test_the_table_of_alarms_names_each_of_the_template() -> None:
    table = (ROOT / "docs" / "deploy.md").read_text().partition("| alarm |")[2].partition("\n\n")[0]
    named = re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)
    stack = resolve(translate(read_template(), EVERYTHING), EVERYTHING)
    functions = [name.removesuffix("Function") for name in of_type(stack, FUNCTION)]
    alarms = [each.replace("<Function>", name) for each in named for name in functions]

    assert set(alarms) == of_type(stack, ALARM).keys()


def test_the_smoke_test_has_a_request_for_every_route() -> None:
    target = Target(api="https://api.example.org", log="", campaign="1", chart="1")
    assert [route.key for route in load(TEMPLATE).routes if request_for(route, target) is None] == []


def test_the_example_environment_sets_every_variable_that_a_deployment_does() -> None:
    example = json.loads((ROOT / "env.example.json").read_text())["Parameters"]
    functions = of_type(resolve(translate(read_template(), REQUIRED), REQUIRED), FUNCTION).values()
    deployed = {name for function in functions for name in variables(function)}
    fixed = {"CHARTS_AT_ONCE", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "PYDANTIC_DISABLE_PLUGINS"}

    # `sam local` gives a container what a condition leaves out, unless env.json says nothing of it.
    assert example.keys() - {"AWS_ENDPOINT_URL_SQS"} == deployed - fixed


def test_the_example_parameters_are_parameters_and_hold_all_that_are_required() -> None:
    example = parse_template((ROOT / "environments" / "example.yaml").read_text())
    parameters = read_template()["Parameters"]

    assert example.keys() <= parameters.keys() | {"Account", "Region"}
    assert {name for name, parameter in parameters.items() if "Default" not in parameter} <= example.keys()
