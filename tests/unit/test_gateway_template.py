from pathlib import Path
from textwrap import dedent

import pytest

from local.gateway.errors import TemplateError
from local.gateway.template import Cors, QueueMapping, Route, load
from local.intrinsics import NO_VALUE, Resolver

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "integration" / "gateway" / "app" / "template.yaml"


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "template.yaml"
    path.write_text(dedent(text))
    return path


def test_a_function_has_its_own_properties_over_the_common_ones() -> None:
    functions = load(EXAMPLE).functions

    echo, answers = functions["Echo"], functions["Answers"]
    assert (echo.handler, echo.root, echo.timeout, echo.memory) == (
        "echo.app.handler",
        EXAMPLE.parent / "functions",
        5.0,
        256,
    )
    assert (answers.timeout, functions["One"].concurrency, echo.concurrency) == (1.0, 1, None)


def test_variables_are_merged_one_by_one_and_what_only_a_stack_knows_is_left_out() -> None:
    template = load(EXAMPLE, {"Greeting": "good morning"})

    assert template.functions["Echo"].environment == {
        "GREETING": "good morning",
        "STACK": "local-good morning",
        "OWN": "yes",
        "FLAG": "true",
    }


def test_routes_queues_and_schedules_are_read() -> None:
    template = load(EXAMPLE)

    assert {route.key for route in template.routes} == {
        "POST /echo",
        "GET /items/{id}",
        "ANY /files/{proxy+}",
        "POST /answers/{kind}",
        "GET /broken",
        "GET /one",
    }
    assert template.queues == (QueueMapping("Work", "Worker", batch_size=4, concurrency=2, partial=True),)
    assert {name: schedule.function for name, schedule in template.schedules.items()} == {"Nightly": "Worker"}


def test_origins_may_come_from_a_list_parameter() -> None:
    assert load(EXAMPLE).cors == Cors(
        origins=("https://app.example.org", "http://localhost:3001"),
        methods=("POST", "GET"),
        headers=("content-type", "authorization"),
        exposed=("x-request-id",),
        credentials=True,
        max_age=600,
    )
    assert load(EXAMPLE, {"Origins": "https://a"}).cors != load(EXAMPLE).cors


def test_a_function_without_events_and_an_api_without_cors_are_fine(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        Resources:
          F: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, Events: {Any: {Type: HttpApi}}}}
          G: {Type: AWS::Serverless::Function, Properties: {Handler: a.c}}
        """,
    )

    template = load(path)

    assert template.routes == (Route("ANY", "$default", "F"),)
    assert template.cors is None
    assert (template.functions["G"].timeout, template.functions["G"].memory) == (3.0, 128)


@pytest.mark.parametrize(
    "text",
    [
        "Resources: [",
        "- a list",
        "Parameters: {}",
        "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {}}}",
    ],
)
def test_a_template_that_says_nothing_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(TemplateError):
        load(write(tmp_path, text))


def test_a_missing_template_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError):
        load(tmp_path / "template.yaml")


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"Ref": "A"}, "1"),
        ({"Ref": "Unknown"}, NO_VALUE),
        ({"Fn::Sub": "${A}-${!A}"}, "1-${A}"),
        ({"Fn::Sub": ["${A}-${B}", {"B": {"Ref": "A"}}]}, "1-1"),
        ({"Fn::Sub": "${A}-${Queue.Arn}"}, NO_VALUE),
        ({"Fn::Join": ["-", ["x", {"Ref": "A"}]]}, "x-1"),
        ({"Fn::Split": [",", "a,b"]}, ["a", "b"]),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, NO_VALUE),
        ({"x": {"Ref": "Unknown"}, "y": [{"Ref": "Unknown"}, {"Ref": "A"}]}, {"y": ["1"]}),
    ],
)
def test_intrinsics_are_resolved_as_far_as_they_can_be(value: object, resolved: object) -> None:
    assert Resolver({"A": "1"}).resolve(value) == resolved


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"Ref": "Unknown"}, {"Ref": "Unknown"}),
        ({"Fn::Sub": "${A}-${Queue.Arn}"}, {"Fn::Sub": "1-${Queue.Arn}"}),
        ({"Fn::Sub": ["${A}${B}", {"B": {"Ref": "Unknown"}}]}, {"Fn::Sub": ["1${B}", {"B": {"Ref": "Unknown"}}]}),
        ({"Fn::Join": ["-", ["x", {"Ref": "Unknown"}]]}, {"Fn::Join": ["-", ["x", {"Ref": "Unknown"}]]}),
        ([{"Ref": "AWS::NoValue"}, {"Fn::If": ["Never", 1, {"Ref": "A"}]}], ["1"]),
    ],
)
def test_a_linter_sees_what_cannot_be_resolved_as_it_is_written(value: object, resolved: object) -> None:
    never = {"Never": {"Fn::Equals": [{"Ref": "A"}, "2"]}}

    assert Resolver({"A": "1"}, never, keeps_unknown=True).resolve(value) == resolved


def test_a_condition_that_cannot_be_evaluated_is_not_taken_for_false() -> None:
    with pytest.raises(ValueError, match="cannot be evaluated"):
        Resolver({}, {"Odd": {"Fn::Contains": [["a"], "a"]}}).holds("Odd")
