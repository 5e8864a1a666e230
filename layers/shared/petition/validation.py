"""Validation of values from a request, from JSON and from the environment.

msgspec does it. pydantic could too, but importing it takes longer than everything that the bundle itself does at a cold
start. pydantic validates the definitions of charts, which need its unions and its messages.
"""

from collections.abc import Iterator, Mapping
from typing import get_args

import msgspec
from msgspec import Meta, Struct, ValidationError
from msgspec.structs import FieldInfo

from petition.errors import Detail

type JsonValue = str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None


def dec_hook(kind: type, value: object) -> object:
    """Make a value of a class that validates its argument: msgspec's `dec_hook`.

    Raises:
        ValueError: the class refuses the argument.
    """
    try:
        return kind(value)
    except ValueError:
        # `from None`: the message can hold the value.
        raise ValueError from None


def validation_errors(model: type[Struct], values: Mapping[str, object], *, strict: bool = True) -> Iterator[Detail]:
    """Find what is wrong with each field of values that do not fit a model. msgspec itself stops at the first.

    The sentences come from the descriptions of the fields' types. They repeat nothing of the values.

    Args:
        model: the model, whose fields' encoded names are the names of the values.
        values: those that were refused.
        strict: whether a number or a boolean as text counts as wrong.
    """
    fields = {field.encode_name: field for field in msgspec.structs.fields(model)}
    for field in fields.values():
        yield from _find_errors(field, values, strict=strict)
    if model.__struct_config__.forbid_unknown_fields:
        # A name that was sent becomes part of an answer, so its length is bounded.
        yield from (Detail(name[:100], "Is not a field of this request") for name in values if name not in fields)


def _find_errors(field: FieldInfo, values: Mapping[str, object], *, strict: bool) -> Iterator[Detail]:
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
        yield Detail(name, f"Must be {_describe(inner) or 'an object'}")


def _describe(kind: object) -> str | None:
    """Return the description in a field's type, which may be an alias or a union with None."""
    kind = getattr(kind, "__value__", kind)
    metas = [meta for meta in getattr(kind, "__metadata__", ()) if isinstance(meta, Meta)]
    texts = [meta.description for meta in metas] or [_describe(part) for part in get_args(kind)]
    return next(filter(None, texts), None)
