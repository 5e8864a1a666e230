import json
from typing import Any

from openapi_spec_validator import validate

from tools import openapi

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
    assert SCHEMAS["ErrorAnswer"]["required"] == ["error", "code", "requestId"]


def test_a_body_is_required_where_the_query_string_cannot_hold_everything() -> None:
    required = {path: route["post"].get("requestBody", {}).get("required") for path, route in DOCUMENT["paths"].items()}
    assert required["/api/essearch"]
    assert required["/api/essearch-common"] is False
    assert required["/api/duplicate"]
