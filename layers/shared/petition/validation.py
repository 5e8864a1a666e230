"""Values of known types, from a request, from JSON and from the environment.

msgspec reads them. pydantic would do as well, and takes longer to import than everything that the bundle itself does at
a cold start: it is kept for the definitions of charts, which need its alternatives and its messages.
"""

from collections.abc import Iterator, Mapping
from typing import get_args

import msgspec
from msgspec import Meta, Struct, ValidationError
from msgspec.structs import FieldInfo

from petition.errors import Detail

type JsonValue = str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None


def dec_hook(kind: type, value: object) -> object:
    """A value of a class that checks what it is made of, and raises ValueError: msgspec's `dec_hook`."""
    try:
        return kind(value)
    except ValueError:
        # One of msgspec's own would pass for an error of the whole; and the message can hold the value.
        raise ValueError from None


def validation_errors(model: type[Struct], values: Mapping[str, object], *, strict: bool = True) -> Iterator[Detail]:
    """What keeps values from being a model, field by field: msgspec itself stops at the first.

    A sentence is made of the description of a field's type, and repeats nothing of the value.

    Args:
        model: with the names that the values have as its fields' encoded names.
        values: those that were refused.
        strict: whether a number or a truth value as text counts as wrong.
    """
    fields = {field.encode_name: field for field in msgspec.structs.fields(model)}
    for field in fields.values():
        yield from _faults_of(field, values, strict=strict)
    if model.__struct_config__.forbid_unknown_fields:
        # A name that was sent becomes part of an answer, so its length is bounded.
        yield from (Detail(name[:100], "Is not a field of this request") for name in values if name not in fields)


def _faults_of(field: FieldInfo, values: Mapping[str, object], *, strict: bool) -> Iterator[Detail]:
    name = field.encode_name
    if name not in values:
        if field.required:
            yield Detail(name, "Is required")
        return
    value, inner = values[name], field.type
    if isinstance(value, dict) and isinstance(inner, type) and issubclass(inner, Struct):
        yield from (
            Detail(f"{name}.{error.field}", error.message) for error in validation_errors(inner, value, strict=strict)
        )
        return
    try:
        msgspec.convert(value, inner, strict=strict, dec_hook=dec_hook)
    except ValidationError:
        yield Detail(name, f"Must be {_description(inner) or 'an object'}")


def _description(kind: object) -> str | None:
    """What the type of a field says of itself, below its alias or beside None."""
    kind = getattr(kind, "__value__", kind)
    metas = [meta for meta in getattr(kind, "__metadata__", ()) if isinstance(meta, Meta)]
    texts = [meta.description for meta in metas] or [_description(part) for part in get_args(kind)]
    return next(filter(None, texts), None)
