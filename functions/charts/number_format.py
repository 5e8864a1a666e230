"""How a measure's numbers are written."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, StrictBool, Tag
from pydantic_core import PydanticCustomError

from charts.base import Base

CURRENCY = re.compile("[A-Z]{3}", re.ASCII)


def _check_currency(code: str) -> str:
    if not CURRENCY.fullmatch(code):
        raise PydanticCustomError("currency", "Must be a currency's code of three letters, such as USD")
    return code


type Currency = Annotated[str, AfterValidator(_check_currency)]
type Style = Literal["number", "percent", "currency"]


class Format(Base):
    """How numbers are written: 0.25 is 25 % as a percentage. Without grouping, a year is 1971 and not 1,971."""

    style: Style
    decimals: int | None = Field(default=None, ge=0, le=6)
    currency: Currency | None = None
    grouping: StrictBool = True


def _format_kind(value: object) -> str:
    """Return which of the two a format is: a style by itself, or an object with a style."""
    return "Format" if isinstance(value, Format | dict) else "Style"


type NumberFormat = Annotated[
    Annotated[Style, Tag("Style")] | Annotated[Format, Tag("Format")], Discriminator(_format_kind)
]
