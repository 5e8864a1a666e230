import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from openapi_spec_validator import validate

from duplicate.app import DuplicateQuery
from essearch.app import ChosenSearchQuery
from essearch.query import SearchQuery
from local.gateway.template import load
from petition.errors import InvalidRequest
from petition.http.request import HttpRequest
from petition.http.schema import Schema
from tools import openapi
from tools.artifact import ROOT

DOCUMENT: dict[str, Any] = json.loads(openapi.text())
SCHEMAS = DOCUMENT["components"]["schemas"]


def test_the_committed_document_is_what_the_models_say() -> None:
    assert openapi.TARGET.read_text() == openapi.text(), "stale: run `make openapi`"


def test_the_document_is_valid_openapi() -> None:
    validate(DOCUMENT)


def test_an_identifier_is_text_or_a_whole_number() -> None:
    alternatives = SCHEMAS["DuplicateQuery"]["properties"]["voterId"]["anyOf"]
    assert [alternative["type"] for alternative in alternatives] == ["string", "integer"]


def test_what_every_answer_holds_is_required_of_it() -> None:
    assert SCHEMAS["ChartAnswer"]["required"] == ["ok", "chart"]
    assert SCHEMAS["GenerateChartErrorAnswer"]["required"] == ["error", "code", "requestId"]


def test_a_body_is_required_where_the_query_string_cannot_hold_everything() -> None:
    required = {path: route["post"].get("requestBody", {}).get("required") for path, route in DOCUMENT["paths"].items()}
    assert required["/api/essearch"]
    assert required["/api/essearch-common"] is False
    assert required["/api/duplicate"]


OPERATIONS = {path: route["post"] for path, route in DOCUMENT["paths"].items()}
CHART = OPERATIONS["/api/charts/{id}"]


def body(answer: dict[str, Any]) -> dict[str, Any]:
    return answer["content"]["application/json"]  # type: ignore[no-any-return]  # JSON


def check(value: Any, schema: dict[str, Any]) -> None:  # noqa: ANN401 - any JSON
    Draft202012Validator(schema | {"components": DOCUMENT["components"]}).validate(value)


@pytest.mark.parametrize("path", OPERATIONS)
def test_each_operation_has_a_name_a_tag_and_an_example_that_fits(path: str) -> None:
    operation = OPERATIONS[path]
    assert operation["operationId"]
    assert operation["description"]
    assert operation["tags"][0] in [tag["name"] for tag in DOCUMENT["tags"]]
    sent = [operation["requestBody"]] if "requestBody" in operation else []
    for shown in map(body, [*sent, *operation["responses"].values()]):
        check(shown["example"], shown["schema"])


def test_a_field_with_a_default_is_not_required() -> None:
    assert SCHEMAS["ChosenSearchQuery"]["required"] == ["credentials"]
    assert SCHEMAS["ChosenCredentials"]["required"] == ["name"]
    assert SCHEMAS["Person"]["required"] == []
    assert not [name for name, schema in SCHEMAS.items() if '"default"' in json.dumps(schema)]


def test_each_route_lists_the_codes_of_its_errors() -> None:
    codes = SCHEMAS["GenerateChartErrorAnswer"]["properties"]["code"]["enum"]
    assert {"not_found", "generation_in_progress", "invalid_chart"} <= set(codes)
    assert "forbidden" not in SCHEMAS["RevalidatePermissionsErrorAnswer"]["properties"]["code"]["enum"]


def test_a_page_of_another_origin_may_read_every_header_that_is_told() -> None:
    cors = load(ROOT / "template.yaml", {"AllowedOrigins": "https://app.example.org"}).cors
    assert cors
    assert {name.lower() for name in DOCUMENT["components"]["headers"]} - {"www-authenticate"} == {*cors.exposed}


def test_headers_that_matter_are_told() -> None:
    assert [parameter["name"] for parameter in CHART["parameters"]] == ["id", "Prefer"]
    assert all("X-Request-Id" in answer["headers"] for answer in CHART["responses"].values())
    assert "Retry-After" in CHART["responses"]["409"]["headers"]
    assert "Retry-After" in CHART["responses"]["503"]["headers"]
    assert "Preference-Applied" in CHART["responses"]["202"]["headers"]


@pytest.mark.parametrize("path", OPERATIONS)
def test_api_gateways_own_answers_are_told(path: str) -> None:
    for status in ("404", "429", "500", "503"):
        check({"message": "Not Found"}, body(OPERATIONS[path]["responses"][status])["schema"])


def test_a_chart_that_is_wrongly_made_does_not_fit() -> None:
    shown = body(CHART["responses"]["200"])
    chart = shown["example"]["chart"]
    mistakes: list[dict[str, Any]] = [{"chartType": "donut"}, {"rows": [{"n": []}]}, {"axis": {"field": "signed_at"}}]
    for wrong in mistakes:
        with pytest.raises(ValidationError):
            check({"ok": True, "chart": chart | {"data": chart["data"] | wrong}}, shown["schema"])


@pytest.mark.parametrize(
    ("model", "valid"),
    [
        (SearchQuery, {"lastName": "Lee"}),
        (ChosenSearchQuery, {"lastName": "Lee", "credentials": {"name": "north"}}),
        (DuplicateQuery, {"campaignId": "c", "voterId": "1"}),
        (DuplicateQuery, {"campaignId": "c", "voterIds": ["1"]}),
    ],
)
def test_null_is_allowed_where_it_is_taken(model: type[Schema], valid: dict[str, Any]) -> None:
    validator = Draft202012Validator({"$ref": f"#/components/schemas/{model.__name__}"} | DOCUMENT)
    for name in SCHEMAS[model.__name__]["properties"]:
        body = {"firstName": "An", **valid, name: None} if "lastName" in valid else {**valid, name: None}
        event: Any = {"headers": {"content-type": "application/json"}, "body": json.dumps(body)}
        try:
            HttpRequest(event).read_as(model)
            is_taken = True
        except InvalidRequest:
            is_taken = False
        assert validator.is_valid(body) == is_taken, name
