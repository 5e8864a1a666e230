"""The chart definition: what `charts.config` may hold. docs/charts.md explains it with examples.

The database checks a definition too, and also against the catalogue: only the database knows the fields of a source.
The check here needs no round trip and reports every mistake at once.
"""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, StrictBool, Tag, model_validator
from pydantic_core import PydanticCustomError

from charts.base import Base, Granularity, Name, Number, Title
from charts.filters import MAX_DEPTH, MAX_MEMBERS, Filter, depth_of
from charts.number_format import NumberFormat
from charts.period import DateRange, Zone


class Count(Base):
    """The number of rows."""

    name: Name
    type: Literal["count"]
    title: Title | None = None
    format: NumberFormat | None = None
    running_total: StrictBool = False


class Sum(Base):
    """The sum of a field; of no values it is 0."""

    name: Name
    type: Literal["sum"]
    field: Name
    title: Title | None = None
    format: NumberFormat | None = None
    running_total: StrictBool = False


class Statistic(Base):
    """A measure of a field that cannot be added up over buckets, hence without a running total."""

    name: Name
    type: Literal["countDistinct", "avg", "min", "max"]
    field: Name
    title: Title | None = None
    format: NumberFormat | None = None
    running_total: Literal[False] = False


type Measure = Annotated[Count | Sum | Statistic, Field(discriminator="type")]


class TimeDimension(Base):
    """The time of a chart: buckets of a granularity, a date range, or both."""

    dimension: Name
    granularity: Granularity | None = None
    date_range: DateRange | None = None
    fill_missing: StrictBool = True
    compare: Literal["previousPeriod", "sameElapsed"] | None = None
    title: Title | None = None

    @model_validator(mode="after")
    def _check_content(self) -> Self:
        if self.date_range is None and self.granularity is None:
            raise PydanticCustomError("time_dimension", "A time dimension needs a granularity, a date range, or both")
        if self.date_range is None and self.compare is not None:
            raise PydanticCustomError("compare", "A comparison needs a date range")
        return self


class Dimension(Base):
    """A field to group by: its largest values by the first measure, and the rest together as "Other"."""

    dimension: Name
    limit: int = Field(default=10, ge=1, le=100)
    other: StrictBool = True
    title: Title | None = None


class TargetValue(Base):
    """A number to reach."""

    value: Number
    title: Title | None = None


class CampaignGoal(Base):
    """The number of signatures that the chart's campaign wants."""

    from_: Literal["campaignGoal"] = Field(alias="from")
    title: Title | None = None


class Order(Base):
    """Rows by the first dimension, or by a measure."""

    member: Name
    direction: Literal["asc", "desc"] = "asc"


def _target_kind(value: object) -> str:
    """Return which of the two a target is. No setting has such a name, so a problem's path tells them apart."""
    is_goal = isinstance(value, CampaignGoal) or (isinstance(value, dict) and "from" in value)
    return "CampaignGoal" if is_goal else "TargetValue"


class Definition(Base):
    """A chart: its source, what it measures, how it groups, and over which time."""

    source: Name
    measures: list[Measure] = Field(min_length=1, max_length=8)
    time_dimension: TimeDimension | None = None
    dimensions: list[Dimension] = Field(default=[], max_length=2)
    filters: list[Filter] = Field(default=[], max_length=MAX_MEMBERS)
    timezone: Zone = "UTC"
    target: (
        Annotated[
            Annotated[TargetValue, Tag("TargetValue")] | Annotated[CampaignGoal, Tag("CampaignGoal")],
            Discriminator(_target_kind),
        ]
        | None
    ) = None
    order: list[Order] = Field(default=[], max_length=3)
    limit: int = Field(default=10_000, ge=1, le=10_000)
    chart_type: Literal["line", "area", "bar", "pie", "number", "table"] = "table"

    @property
    def axis(self) -> str | None:
        """The field along which the rows lie: the time dimension if it has a granularity, or the first dimension."""
        if self.time_dimension and self.time_dimension.granularity:
            return self.time_dimension.dimension
        return self.dimensions[0].dimension if self.dimensions else None

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        names = [measure.name for measure in self.measures] + ([self.axis] if self.axis else [])
        if len(set(names)) < len(names):
            raise PydanticCustomError("names", "Each measure needs a name of its own, other than the first dimension's")
        if any(name == "target" or "__" in name for name in names):
            raise PydanticCustomError("names", 'The name "target" and names with "__" are taken by the result')
        if len({dimension.dimension for dimension in self.dimensions}) < len(self.dimensions):
            raise PydanticCustomError("dimensions", "The two dimensions must differ")
        return self

    @model_validator(mode="after")
    def _check_depth(self) -> Self:
        if depth_of(self.filters) > MAX_DEPTH:
            raise PydanticCustomError("depth", f"Groups of filters may lie in one another {MAX_DEPTH} deep")
        return self

    @model_validator(mode="after")
    def _check_running_totals(self) -> Self:
        has_buckets = self.time_dimension is not None and self.time_dimension.granularity is not None
        if any(measure.running_total for measure in self.measures) and not has_buckets:
            raise PydanticCustomError("running_total", "A running total needs a time dimension with a granularity")
        return self

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        members = {self.axis} | {measure.name for measure in self.measures if not measure.running_total}
        if any(order.member not in members for order in self.order):
            raise PydanticCustomError(
                "order", "Rows are ordered by the first dimension or by a measure of the chart that is no running total"
            )
        return self
