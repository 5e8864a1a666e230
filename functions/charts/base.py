"""What every part of a chart definition has in common."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

MAX_TEXT = 500
MAX_TITLE = 100
# Chart libraries calculate with doubles, which hold every integer up to here.
MAX_NUMBER = 10**15
# JSON can write a number that is too small for a float.
MIN_NUMBER = 1e-30
NAME = "^[A-Za-z][A-Za-z0-9_]{0,62}$"
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]")

type Granularity = Literal["hour", "day", "week", "month", "quarter", "year"]


class Base(BaseModel):
    """A part of a definition: camelCase in JSON, exact types, no unknown settings."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        strict=True,
    )


def _check_printable(text: str) -> str:
    if CONTROL_CHARACTER.search(text):
        raise PydanticCustomError("control_character", "Must not contain control characters")
    return text


def _check_representable(number: float) -> float:
    if 0 < abs(number) < MIN_NUMBER:
        raise PydanticCustomError("small_number", "Must be 0 or a number of 1e-30 to 1e15")
    return number


type Name = Annotated[str, Field(pattern=NAME)]
type Title = Annotated[str, Field(min_length=1, max_length=MAX_TITLE), AfterValidator(_check_printable)]
type Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_check_printable)]
type Number = Annotated[
    float, Field(allow_inf_nan=False, ge=-MAX_NUMBER, le=MAX_NUMBER), AfterValidator(_check_representable)
]
