"""One operation of the document: a route's parameters, body and answers."""

from collections.abc import Sequence
from http import HTTPStatus
from itertools import groupby
from typing import Any

import msgspec

from petition.errors import PetitionError
from petition.http.route import Route
from petition.http.schema import Schema
from tools.openapi.about import OPERATIONS
from tools.openapi.examples import EXAMPLES
from tools.openapi.failures import failures_of
from tools.openapi.schemas import error_name, reference, schema_of

type Json = Any

# API Gateway answers these itself: a route that is not there, too many requests, a function that fails or is too slow.
GATEWAY = {
    *(HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS),
    *(HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE),
}
RETRY_LATER = {HTTPStatus.CONFLICT, HTTPStatus.SERVICE_UNAVAILABLE}


def operation(route: Route[Schema]) -> Json:
    """Return the description of a route."""
    about, example = OPERATIONS[route.path], EXAMPLES[route.path]
    described: Json = {
        "operationId": about.operation_id,
        "summary": route.summary,
        "description": about.description,
        "tags": [about.tag],
    }
    if parameters := [*about.parameters, *_in_query(route)]:
        described["parameters"] = parameters
    if route.request_model.__struct_fields__:
        described["requestBody"] = {
            "required": not route.body_optional and (not route.in_query or _needs_a_body(route)),
            "content": _json(reference(route.request_model.__name__), example.request),
        }
    return described | {"responses": _responses(route)}


def _needs_a_body(route: Route[Schema]) -> bool:
    """Check whether a required field cannot stand in a query string."""
    in_query = {parameter["name"] for parameter in _in_query(route)}
    fields = msgspec.structs.fields(route.request_model)
    return any(field.required and field.encode_name not in in_query for field in fields)


def _in_query(route: Route[Schema]) -> list[Json]:
    """The body's fields that a query string can hold, as parameters."""
    if not route.in_query:
        return []
    properties = schema_of(route.request_model)["properties"]
    simple = {name: _without_null(schema) for name, schema in properties.items() if "$ref" not in schema}
    return [
        {
            "name": name,
            "in": "query",
            "description": f"The same as `{name}` in the body, which wins.",
            "schema": {key: value for key, value in schema.items() if key != "default"},
        }
        for name, schema in simple.items()
    ]


def _without_null(schema: Json) -> Json:
    """Return a field's schema without null: a parameter is left out instead."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    return kinds[0] if len(kinds) == 1 else schema | ({"anyOf": kinds} if kinds else {})


def _responses(route: Route[Schema]) -> Json:
    example = EXAMPLES[route.path]
    answers = {"200": _answer("OK", _json(reference(route.response_model.__name__), example.response))}
    if route.accepted_model:
        content = _json(reference(route.accepted_model.__name__), {"ok": True, "queued": True})
        answers["202"] = _answer("Accepted: the chart is queued.", content, "Preference-Applied")
    failures = {status: list(group) for status, group in groupby(failures_of(route), key=lambda error: error.status)}
    for status in sorted({*failures, *GATEWAY}):
        answers[str(status.value)] = _failure(route, status, failures.get(status, []))
    return answers


def _failure(route: Route[Schema], status: HTTPStatus, errors: Sequence[type[PetitionError]]) -> Json:
    own = [reference(error_name(route))] if errors else []
    gateway = [reference("GatewayAnswer")] if status in GATEWAY else []
    kinds = own + gateway
    codes = [f"`{error.code}`" for error in errors] + ["API Gateway's own answer"] * len(gateway)
    headers = ["Retry-After"] * (status in RETRY_LATER) + ["WWW-Authenticate"] * (status == HTTPStatus.UNAUTHORIZED)
    content = _json(kinds[0] if len(kinds) == 1 else {"anyOf": kinds}, _example(status, errors))
    return _answer(f"{status.phrase}: {', '.join(codes)}", content, *headers)


def _example(status: HTTPStatus, errors: Sequence[type[PetitionError]]) -> Json:
    if not errors:
        return {"message": status.phrase}
    error = errors[-1]
    return {"error": error.message, "code": error.code, "requestId": "Jx9cKh0FoAMEMKw="}


def _answer(description: str, content: Json, *headers: str) -> Json:
    named = {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", *headers)}
    return {"description": description, "headers": named, "content": content}


def _json(schema: Json, example: Json) -> Json:
    return {"application/json": {"schema": schema, "example": example}}
