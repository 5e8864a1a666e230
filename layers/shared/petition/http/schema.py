"""What bodies of the HTTP contract are made of."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

from petition.validation import JsonValue


class Schema(Struct, rename="camel", forbid_unknown_fields=True):
    """A body of the HTTP contract: snake_case here, camelCase on the wire, unknown fields refused.

    A constraint on a field carries a description, which the answer to a value that breaks it tells: "Must be ...".
    """

    @classmethod
    def prepared(cls, values: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """What was sent, in the form in which it is validated."""
        return values


type AlwaysTrue = Annotated[bool, Meta(extra_json_schema={"const": True})]
"""What only ever is true: a frontend looks whether it is there."""


class EmptyBody(Schema):
    """A request that is all in its path."""


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
