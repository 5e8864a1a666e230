"""Filters: conditions on one field of the source, and groups of them. The words are Cube's."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, StrictBool, Tag

from charts.base import Base, Name, Number, Text
from charts.period import AbsoluteRange, Moment, RelativeRange

MAX_VALUES = 100
MAX_MEMBERS = 50
MAX_DEPTH = 4


def _type(value: object) -> str:
    return "text" if isinstance(value, str) else "flag" if isinstance(value, bool) else "number"


def _side(value: object) -> str:
    return "text" if isinstance(value, str) else "number"


type Scalar = Annotated[
    Annotated[Text, Tag("text")] | Annotated[StrictBool, Tag("flag")] | Annotated[Number, Tag("number")],
    Discriminator(_type),
]
type Side = Annotated[Annotated[Moment, Tag("text")] | Annotated[Number, Tag("number")], Discriminator(_side)]


class Equality(Base):
    """The field equals one of the values (`equals`), or equals none of them or is missing (`notEquals`)."""

    member: Name
    operator: Literal["equals", "notEquals"]
    values: list[Scalar] = Field(min_length=1, max_length=MAX_VALUES)


class Likeness(Base):
    """The text contains or starts with one of the values, ignoring case."""

    member: Name
    operator: Literal["contains", "startsWith"]
    values: list[Text] = Field(min_length=1, max_length=MAX_VALUES)


class Comparison(Base):
    """The number, date or moment lies on one side of the value."""

    member: Name
    operator: Literal["gt", "gte", "lt", "lte"]
    values: list[Side] = Field(min_length=1, max_length=1)


class Presence(Base):
    """The field has a value, or has none."""

    member: Name
    operator: Literal["set", "notSet"]
    values: list[Scalar] | None = Field(default=None, max_length=0)


class InDateRange(Base):
    """The date or moment lies within a range: two dates, both included, or one range in words."""

    member: Name
    operator: Literal["inDateRange"]
    values: Annotated[list[RelativeRange], Field(min_length=1, max_length=1)] | AbsoluteRange


class AllOf(Base):
    """Every member of the group holds."""

    and_: "list[Filter]" = Field(alias="and", min_length=1, max_length=MAX_MEMBERS)


class AnyOf(Base):
    """At least one member of the group holds."""

    or_: "list[Filter]" = Field(alias="or", min_length=1, max_length=MAX_MEMBERS)


def _kind(value: object) -> str | None:
    """Return which model a filter is: errors then concern only that one."""
    if isinstance(value, Base):
        return type(value).__name__
    if not isinstance(value, dict):
        return None
    if "and" in value or "or" in value:
        return "AllOf" if "and" in value else "AnyOf"
    return KIND_OF.get(value["operator"]) if isinstance(value.get("operator"), str) else None


KIND_OF = {
    "equals": "Equality",
    "notEquals": "Equality",
    "contains": "Likeness",
    "startsWith": "Likeness",
    "gt": "Comparison",
    "gte": "Comparison",
    "lt": "Comparison",
    "lte": "Comparison",
    "set": "Presence",
    "notSet": "Presence",
    "inDateRange": "InDateRange",
}

type Filter = Annotated[
    Annotated[Equality, Tag("Equality")]
    | Annotated[Likeness, Tag("Likeness")]
    | Annotated[Comparison, Tag("Comparison")]
    | Annotated[Presence, Tag("Presence")]
    | Annotated[InDateRange, Tag("InDateRange")]
    | Annotated[AllOf, Tag("AllOf")]
    | Annotated[AnyOf, Tag("AnyOf")],
    Discriminator(
        _kind,
        custom_error_type="filter",
        custom_error_message=f"Must be a group (and, or) or have an operator: {', '.join(KIND_OF)}",
    ),
]


def depth_of(filters: "list[Filter]") -> int:
    """Return how deep groups are nested."""
    groups = [part.and_ if isinstance(part, AllOf) else part.or_ for part in filters if isinstance(part, AllOf | AnyOf)]
    return max((1 + depth_of(group) for group in groups), default=0)
