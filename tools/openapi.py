"""Write docs/openapi.json from the routes' models: python -m tools.openapi."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from importlib import import_module
from itertools import groupby
from pathlib import Path

import msgspec

from petition.errors import (
    BodyTooLarge,
    Forbidden,
    InternalError,
    InvalidJson,
    InvalidRequest,
    PetitionError,
    Unauthenticated,
    UnsupportedMediaType,
    UpstreamBusy,
    UpstreamError,
    UpstreamTimeout,
)
from petition.http.route import Route
from petition.http.schema import ErrorAnswer, Schema
from petition.validation import JsonValue

type Object = dict[str, JsonValue]
type References = Mapping[type[Schema], JsonValue]

TARGET = Path(__file__).parent.parent / "docs" / "openapi.json"
MODULES = ("essearch.app", "essearch.common", "duplicate.app", "charts.app", "permissions.app")
EDGE_ERRORS = (
    *(InvalidJson, Unauthenticated, BodyTooLarge, UnsupportedMediaType, InvalidRequest, InternalError),
    # The keys that sessions are signed with are fetched from Supabase, and so are permissions that are not cached.
    *(UpstreamError, UpstreamBusy, UpstreamTimeout),
)
SESSION: Object = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "A Supabase access token"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sb-<project>-auth-token"},
}
REFERENCE = "#/components/schemas/{name}"


def routes() -> list[Route[Schema]]:
    """Every HTTP route, in the contract's order."""
    return [import_module(module).ROUTE for module in MODULES]


def document(listed: Sequence[Route[Schema]]) -> Object:
    """The OpenAPI 3.1 document of these routes."""
    bodies = [model for route in listed for model in (route.request_model, *_answers(route))]
    models: list[type[Schema]] = list(dict.fromkeys([ErrorAnswer, *bodies]))
    found, schemas = msgspec.json.schema_components(models, ref_template=REFERENCE)
    references: References = dict(zip(models, found, strict=True))
    for answer in [answer for route in listed for answer in _answers(route)]:
        # A field with a default may be left out of what is taken, but stands in every answer.
        schemas[answer.__name__]["required"] = [*schemas[answer.__name__]["properties"]]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Petition API", "version": "1", "description": "Made from the routes' models."},
        "paths": {route.path: {"post": _operation(route, references)} for route in listed},
        "components": {"schemas": schemas, "securitySchemes": SESSION},
        "security": [{name: []} for name in SESSION],
    }


def _answers(route: Route[Schema]) -> list[type[Schema]]:
    return [model for model in (route.response_model, route.accepted_model) if model]


def _operation(route: Route[Schema], references: References) -> Object:
    operation: Object = {"summary": route.summary, "parameters": [*_in_path(route), *_in_query(route)]}
    if route.request_model.__struct_fields__:
        operation["requestBody"] = {
            "required": not route.body_optional and (not route.in_query or _needs_a_body(route)),
            "content": _json(references[route.request_model]),
        }
    operation["responses"] = _responses(route, references)
    return operation


def _needs_a_body(route: Route[Schema]) -> bool:
    """Whether something is required that a query string cannot hold."""
    in_query = {parameter["name"] for parameter in _in_query(route)}
    fields = msgspec.structs.fields(route.request_model)
    return any(field.required and field.encode_name not in in_query for field in fields)


def _in_path(route: Route[Schema]) -> list[JsonValue]:
    names = [part.strip("{}") for part in route.path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _in_query(route: Route[Schema]) -> list[Object]:
    if not route.in_query:
        return []
    _, schemas = msgspec.json.schema_components([route.request_model], ref_template=REFERENCE)
    properties = schemas[route.request_model.__name__]["properties"]
    simple = {name: schema for name, schema in properties.items() if "$ref" not in schema}
    return [{"name": name, "in": "query", "schema": schema} for name, schema in simple.items()]


def _responses(route: Route[Schema], references: References) -> Object:
    needed = (Forbidden,) if route.access.permission else ()
    listed: set[type[PetitionError]] = {*EDGE_ERRORS, *needed, *route.errors}
    errors = sorted(listed, key=lambda error: (error.status, error.code))
    answers: Object = {"200": {"description": "OK", "content": _json(references[route.response_model])}}
    if route.accepted_model:
        answers["202"] = {"description": "Accepted", "content": _json(references[route.accepted_model])}
    for status, group in groupby(errors, key=lambda error: error.status):
        answers[str(status.value)] = _failure(status, list(group), references)
    return answers


def _failure(status: HTTPStatus, errors: list[type[PetitionError]], references: References) -> Object:
    codes = ", ".join(f"`{error.code}`" for error in errors)
    return {"description": f"{status.phrase}: {codes}", "content": _json(references[ErrorAnswer])}


def _json(schema: JsonValue) -> Object:
    return {"application/json": {"schema": schema}}


def text() -> str:
    """The file's content."""
    return json.dumps(document(routes()), indent=2) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text())
