"""The chart definition: what `charts.config` may hold. docs/charts.md explains it with examples.

The database checks a definition too, and against the catalogue besides: it alone knows the fields of a source. Checking
it here costs no round trip and tells a person about every mistake at once.
"""

import json
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, StrictBool, Tag, TypeAdapter, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from charts.base import Base, Granularity, Name, Number, Title
from charts.filters import MAX_DEPTH, MAX_MEMBERS, Filter, depth_of
from charts.number_format import NumberFormat
from charts.period import DateRange, Zone
from petition.errors import Detail, InvalidChart

MAX_CHARACTERS = 16_384
MAX_DETAILS = 20
MAX_NAME = 100  # of an unknown setting, as it is repeated in an answer
MAX_NESTING = 2 * MAX_DEPTH + 8  # of any JSON in a valid definition; far below what recursion can bear


class Count(Base):
    """How many rows there are."""

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
    """When: buckets of a granularity, a date range, or both."""

    dimension: Name
    granularity: Granularity | None = None
    date_range: DateRange | None = None
    fill_missing: StrictBool = True
    compare: Literal["previousPeriod", "sameElapsed"] | None = None
    title: Title | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.date_range is None and self.granularity is None:
            raise PydanticCustomError("time_dimension", "A time dimension needs a granularity, a date range, or both")
        if self.date_range is None and self.compare is not None:
            raise PydanticCustomError("compare", "A comparison needs a date range")
        return self


class Dimension(Base):
    """By what: the values that are largest by the first measure, and the rest together as "Other"."""

    dimension: Name
    limit: int = Field(default=10, ge=1, le=100)
    other: StrictBool = True
    title: Title | None = None


class TargetValue(Base):
    """A number to be reached."""

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
    """Which of the two a target is to be. No setting has such a name, so that a problem's path can tell them apart."""
    is_goal = isinstance(value, CampaignGoal) or (isinstance(value, dict) and "from" in value)
    return "CampaignGoal" if is_goal else "TargetValue"


class Definition(Base):
    """A chart: what is measured of which source, by what, over which time."""

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
        """The field along which the rows lie: the time dimension where it has a granularity, or the first dimension."""
        if self.time_dimension and self.time_dimension.granularity:
            return self.time_dimension.dimension
        return self.dimensions[0].dimension if self.dimensions else None

    @model_validator(mode="after")
    def _has_distinct_names(self) -> Self:
        names = [measure.name for measure in self.measures] + ([self.axis] if self.axis else [])
        if len(set(names)) < len(names):
            raise PydanticCustomError("names", "Each measure needs a name of its own, other than the first dimension's")
        if any(name == "target" or "__" in name for name in names):
            raise PydanticCustomError("names", 'The name "target" and names with "__" are taken by the result')
        if len({dimension.dimension for dimension in self.dimensions}) < len(self.dimensions):
            raise PydanticCustomError("dimensions", "The two dimensions must differ")
        return self

    @model_validator(mode="after")
    def _has_shallow_groups(self) -> Self:
        if depth_of(self.filters) > MAX_DEPTH:
            raise PydanticCustomError("depth", f"Groups of filters may lie in one another {MAX_DEPTH} deep")
        return self

    @model_validator(mode="after")
    def _totals_run_over_time(self) -> Self:
        has_buckets = self.time_dimension is not None and self.time_dimension.granularity is not None
        if any(measure.running_total for measure in self.measures) and not has_buckets:
            raise PydanticCustomError("running_total", "A running total needs a time dimension with a granularity")
        return self

    @model_validator(mode="after")
    def _orders_by_what_it_has(self) -> Self:
        members = {self.axis} | {measure.name for measure in self.measures if not measure.running_total}
        if any(order.member not in members for order in self.order):
            raise PydanticCustomError(
                "order", "Rows are ordered by the first dimension or by a measure of the chart that is no running total"
            )
        return self


_DEFINITION = TypeAdapter(Definition)
# In place of pydantic's own sentences, which name classes, and some of which repeat the input.
PLAIN_WORDS = {
    "missing": "Is required",
    "extra_forbidden": "Is not a setting here",
    "model_type": "Must be an object",
    "model_attributes_type": "Must be an object",
    "string_pattern_mismatch": "Must be a name: a letter, then letters, digits and underscores, 63 at most",
    "union_tag_invalid": "Must have a type: count, countDistinct, sum, avg, min, max",
    "union_tag_not_found": "Must have a type: count, countDistinct, sum, avg, min, max",
    "float_type": "Must be a number",
    "finite_number": "Must be a number",
    "int_type": "Must be a whole number",
    "bool_type": "Must be true or false",
    "string_type": "Must be text",
    "string_unicode": "Must be text",
    "list_type": "Must be a list",
    "literal_error": "Must be {expected}",
    "greater_than_equal": "Must be {ge} or more",
    "less_than_equal": "Must be {le} or less",
    "too_short": "Must hold {min_length} or more",
    "too_long": "Must hold {max_length} or fewer",
    "string_too_short": "Must not be empty",
    "string_too_long": "Must have {max_length} characters or fewer",
}


def parse_definition(config: object) -> Definition:
    """Read a definition from JSON values.

    Raises:
        InvalidChart: with up to 20 details, none of which repeats what was written.
    """
    if _measure_nesting(config) > MAX_NESTING or len(json.dumps(config, ensure_ascii=False)) > MAX_CHARACTERS:
        raise InvalidChart(
            details=[Detail("", f"A definition holds at most {MAX_CHARACTERS} characters, {MAX_NESTING} levels deep")]
        )
    try:
        return _DEFINITION.validate_python(config)
    except ValidationError as error:
        raise InvalidChart(details=_explain(config, error)) from None


def _measure_nesting(config: object) -> int:
    """How deep lists and objects are nested. Not by recursion, which a hostile definition could exhaust."""
    depth, level = 0, [config]
    while level and depth <= MAX_NESTING:
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        depth += 1
    return depth


def _explain(config: object, error: ValidationError) -> list[Detail]:
    """One detail for each path. Of the alternatives that a value fits none of, the first is explained."""
    messages: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_input=False):
        messages.setdefault(_format_path(config, problem), _explain_problem(problem))
    return [Detail(path, message) for path, message in messages.items()][:MAX_DETAILS]


def _explain_problem(problem: ErrorDetails) -> str:
    plain = PLAIN_WORDS.get(problem["type"])
    words = plain.format(**problem.get("ctx", {})) if plain else problem["msg"]
    return words.replace("Must be False", "Must be false")  # as JSON has it


def _format_path(config: object, problem: ErrorDetails) -> str:
    """Write where a problem is as "filters.0.values.1": pydantic's path, without the names of models in it.

    An unknown setting is named as it was sent, cut off where it is long.
    """
    steps: list[str] = []
    value = config
    for step in problem["loc"]:
        inner = dict(enumerate(value)) if isinstance(value, list) else value
        if isinstance(inner, dict) and step in inner:
            value = inner[step]
            steps.append(str(step)[:MAX_NAME])
    if problem["type"] == "missing":
        steps.append(str(problem["loc"][-1]))
    return ".".join(steps)
