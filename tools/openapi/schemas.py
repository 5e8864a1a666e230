"""The document's schemas: those of the routes' models, made fit for generators of clients."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from petition.http.route import Route
from petition.http.schema import ErrorDetail, Schema
from tools.openapi.about import OPERATIONS
from tools.openapi.bodies import ChartData, GatewayAnswer, Person
from tools.openapi.failures import codes_of

type Json = Any

REFERENCE = "#/components/schemas/{name}"
# The models leave these open, because they are passed on as received.
PASSED_ON = {
    ("SearchAnswer", "persons"): {"type": "array", "items": {"$ref": REFERENCE.format(name="Person")}},
    ("GeneratedChart", "data"): {"$ref": REFERENCE.format(name="ChartData")},
}


def components(routes: Sequence[Route[Schema]]) -> dict[str, Json]:
    """Every schema that the operations refer to, by its name."""
    requests = [route.request_model for route in routes if route.request_model.__struct_fields__]
    answers = [model for route in routes for model in (route.response_model, route.accepted_model) if model]
    named = _schemas([*requests, *answers, ErrorDetail, Person, GatewayAnswer, ChartData])
    for answer in answers:
        _make_required(named[answer.__name__], answer)
    for model in requests:
        _allow_null(named[model.__name__], model)
    for schema in named.values():
        _make_optional(schema)
    for (name, field), schema in PASSED_ON.items():
        named[name]["properties"][field] = schema
    _allow_own_fields(named["Person"])
    return dict(sorted((named | {error_name(route): error_schema(route) for route in routes}).items()))


def reference(name: str) -> Json:
    """A reference to a schema of the document."""
    return {"$ref": REFERENCE.format(name=name)}


def schema_of(model: type[Struct]) -> Json:
    """One model's own schema."""
    return _schemas([model])[model.__name__]


def _schemas(models: Iterable[type[Struct]]) -> dict[str, Json]:
    _, found = msgspec.json.schema_components(list(dict.fromkeys(models)), ref_template=REFERENCE)
    return {name: _tidy(schema) for name, schema in found.items()}


def _tidy(schema: Json) -> Json:
    r"""Leave out the names of classes, and "(?!\n)": in Python alone $ matches before a line feed."""
    if isinstance(schema, dict):
        return {
            key: value.removesuffix(r"(?!\n)") if key == "pattern" else _tidy(value)
            for key, value in schema.items()
            if not (key == "title" and isinstance(value, str))
        }
    return [_tidy(part) for part in schema] if isinstance(schema, list) else schema


def _make_required(schema: Json, answer: type[Struct]) -> None:
    """Require the fields that an answer always has: also those with a default, unless that leaves them out."""
    fields = msgspec.structs.fields(answer)
    schema["required"] = [field.encode_name for field in fields if field.default is not UNSET]
    for field in schema["properties"].values():
        field.pop("default", None)


def _allow_null(schema: Json, request: type[Schema]) -> None:
    """Allow null in optional fields that the model drops if they are null."""
    for name, field in schema["properties"].items():
        is_dropped = name not in request.normalize({name: None})
        if is_dropped and "default" in field and field["default"] is not None:
            default = field.pop("default")
            schema["properties"][name] = {"anyOf": [field, {"type": "null"}], "default": default}


def _make_optional(schema: Json) -> None:
    """Move defaults into descriptions: generators make a field with a default required."""
    for field in schema["properties"].values():
        default = field.pop("default", None)
        if default is not None:
            said = (field.get("description"), f"{default} where absent")
            field["description"] = "; ".join(filter(None, said))


def _allow_own_fields(schema: Json) -> None:
    schema["additionalProperties"] = True


def error_name(route: Route[Schema]) -> str:
    """The name of the schema of a route's errors."""
    name = OPERATIONS[route.path].operation_id
    return f"{name[0].upper()}{name[1:]}ErrorAnswer"


def error_schema(route: Route[Schema]) -> Json:
    """A route's errors, with each code that it can answer."""
    return {
        "description": f"What `{OPERATIONS[route.path].operation_id}` answers where it fails.",
        "type": "object",
        "required": ["error", "code", "requestId"],
        "additionalProperties": False,
        "properties": {
            "error": {"type": "string", "description": "One sentence for a person."},
            "code": {"type": "string", "enum": list(_in_order(codes_of(route)))},
            "requestId": {"type": "string", "description": "What to look for in the logs."},
            "details": {
                "type": "array",
                "description": "The fields at fault, where the request or the chart's definition is wrong.",
                "items": reference("ErrorDetail"),
            },
        },
    }


def _in_order(codes: Iterable[str]) -> Iterator[str]:
    yield from dict.fromkeys(codes)
