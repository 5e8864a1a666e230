import json

from openapi_spec_validator import validate

from tools import openapi


def test_the_committed_document_is_what_the_models_say() -> None:
    assert openapi.TARGET.read_text() == openapi.text(), "stale: run `make openapi`"


def test_the_document_is_valid_openapi() -> None:
    validate(json.loads(openapi.text()))
