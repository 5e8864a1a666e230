"""The base of every request and response body, and the body of an error."""

from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from petition.validation import JsonValue


class Schema(Struct, rename="camel", forbid_unknown_fields=True):
    """A body of the HTTP contract: snake_case here, camelCase on the wire, unknown fields refused.

    A constraint on a field has a description. An error says "Must be " and the description.

    Attributes:
        normalize: brings what was sent into the form that is validated; by default, a plain copy.
    """

    normalize: ClassVar[Callable[[Mapping[str, JsonValue]], Mapping[str, JsonValue]]] = dict


type AlwaysTrue = Annotated[bool, Meta(extra_json_schema={"const": True})]
"""A field that is always true: a frontend checks that it is there."""


class EmptyBody(Schema):
    """No body: the path says it all."""


class ErrorDetail(Schema):
    """What is wrong with one field."""

    field: str
    message: str


class ErrorAnswer(Schema, omit_defaults=True):
    """Every error, whatever its cause."""

    error: str
    code: str
    request_id: str
    details: list[ErrorDetail] | None = None
