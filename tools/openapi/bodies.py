"""Bodies that no model of a route describes: they are passed on as the database or Directus answers them."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

type Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
type Currency = Annotated[str, Meta(description="An ISO 4217 code; USD where absent.", examples=["USD"])]

type Match = Annotated[Literal["exact", "close"], Meta(description="After a search with `match: close` alone.")]
type Score = Annotated[
    float, Meta(ge=0, le=1, description="How likely this is who was meant. After a search with `match: close` alone.")
]


class Answer(Struct, rename="camel"):
    """A part of an answer. A field that may be absent is not null."""


class Person(Answer):
    """A registered voter.

    These are the fields of a deployment that sets no `PERSONS_FIELDS`. One that does answers the names of its own
    choice. No field is in every answer, and a field that Directus holds no value for is null.
    """

    voter_id: str | UnsetType | None = UNSET
    first_name: str | UnsetType | None = UNSET
    middle_name: str | UnsetType | None = UNSET
    last_name: str | UnsetType | None = UNSET
    address: str | UnsetType | None = UNSET
    city: str | UnsetType | None = UNSET
    state: str | UnsetType | None = UNSET
    zip: str | UnsetType | None = UNSET
    county: str | UnsetType | None = UNSET
    birth_year: int | UnsetType | None = UNSET
    match: Match | UnsetType = UNSET
    score: Score | UnsetType = UNSET


class GatewayAnswer(Answer):
    """What API Gateway answers by itself. It has no `code`, which tells it from an error of a route."""

    message: Annotated[str, Meta(examples=["Not Found"])]


class ChartAxis(Answer):
    """The field of `rows` along which they lie."""

    field: str
    name: str
    type: Literal["time", "category"]


class ChartRange(Answer):
    """Two instants; `to` is outside."""

    from_: Moment = field(name="from")
    to: Moment


class ChartNumberFormat(Answer):
    """How a measure's numbers are written: 0.25 is 25 % where `style` is `percent`."""

    style: Literal["number", "percent", "currency"]
    decimals: Annotated[int, Meta(ge=0, le=6)] | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET
    grouping: Annotated[bool, Meta(description="False for a year: 1971, not 1,971.")] | UnsetType = UNSET


class ChartSeries(Answer):
    """One series, and the field of `rows` that holds its numbers."""

    field: str
    name: str
    role: Annotated[
        Literal["value", "previous", "target"],
        Meta(description="A measure, the same of an earlier period, or a number to be reached."),
    ]
    measure: str | UnsetType = UNSET
    type: Literal["count", "countDistinct", "sum", "avg", "min", "max"] | UnsetType = UNSET
    format: ChartNumberFormat | UnsetType = UNSET
    dimensions: (
        Annotated[dict[str, str | float], Meta(description="The values of the dimensions that the series is split by.")]
        | UnsetType
    ) = UNSET


class ChartData(Answer):
    """A chart's numbers, ready to be drawn. It is stored in `charts.data` as well."""

    version: Literal[1]
    chart_type: Literal["line", "area", "bar", "pie", "number", "table"]
    timezone: Annotated[str, Meta(description="Whose clocks the buckets follow.", examples=["America/Los_Angeles"])]
    generated_at: Moment
    series: Annotated[list[ChartSeries], Meta(description="In the order of drawing.")]
    rows: Annotated[
        list[dict[str, str | float | None]],
        Meta(description='Flat objects: the axis\' field, and one field for each series. "Other" is last.'),
    ]
    axis: ChartAxis | UnsetType = UNSET
    granularity: Literal["hour", "day", "week", "month", "quarter", "year"] | UnsetType = UNSET
    range: ChartRange | UnsetType = UNSET
    previous_range: ChartRange | UnsetType = UNSET
