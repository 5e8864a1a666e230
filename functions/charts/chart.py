"""One chart, from its stored definition to its persisted data.

Three round trips, the look-up of the permission among them: the definition is read, so that its mistakes are told all
at once, and the database then generates and persists in one call, so that only the finished rows travel.
"""

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from charts.definition import parse_definition
from petition.clients import supabase
from petition.deadline import Deadline
from petition.errors import (
    Detail,
    GenerationInProgress,
    InvalidChart,
    NotFound,
    PetitionError,
    UpstreamError,
    UpstreamTimeout,
)

if TYPE_CHECKING:
    from petition.validation import JsonValue

READ_SECONDS = 3.0
# A little over the statement's own limit in the database, which then says that it was cancelled.
GENERATE_SECONDS = 27.0
IN_PROGRESS_RETRY_AFTER_SECONDS = 5
MAX_CHECKED = 64
# An edit between reading and generating is met by reading again.
ATTEMPTS = 3
UNREADABLE = "A definition holds no number of thousands of digits, and no list hundreds of levels deep"


class StoredChart(Struct):
    """A chart's row, as far as generating needs it; `config` is JSON text."""

    id: UUID
    campaign_id: UUID
    config: str
    definition_version: int


class GeneratedChart(Struct, rename="camel"):
    """A chart with its data, as the database answers it."""

    id: UUID
    title: str
    data: Raw
    generated_at: str


class _Failure(Struct):
    message: str
    field: str | None = None


class _Outcome(Struct):
    outcome: Literal[
        "generated",
        "already_generated",
        "in_progress",
        "edited",
        "not_found",
        "invalid",
        "undrawable",
        "failed",
        "timeout",
    ]
    chart: GeneratedChart | None = None
    error: _Failure | None = None


# The definition as text: jsonb takes numbers of 130,000 digits and lists in lists without end, and one such definition
# would make the whole answer unreadable, each time that it comes from the queue.
_COLUMNS = "id,campaign_id,config::text,definition_version"


def find(chart_id: UUID, deadline: Deadline) -> StoredChart:
    """The chart with that id.

    Raises:
        NotFound: there is none.
        UpstreamError, UpstreamBusy, UpstreamTimeout: Supabase fails, is busy, or does not answer.
    """
    conditions = {"id": f"eq.{chart_id}", "select": _COLUMNS}
    found = supabase.rows("charts", conditions, StoredChart, timeout=deadline.within(READ_SECONDS))
    if not found:
        raise NotFound
    return found[0]


def check(chart: StoredChart, deadline: Deadline) -> None:
    """Validate a chart's definition; what is wrong is recorded with the chart, so that it is not tried again.

    Raises:
        InvalidChart: with what is wrong.
        UpstreamError, UpstreamBusy, UpstreamTimeout: it could not be recorded.
    """
    try:
        _check(chart.config)
    except InvalidChart as error:
        _record(chart, error, deadline)
        raise


@lru_cache(maxsize=MAX_CHECKED)
def _check(text: str) -> None:
    """What is right is remembered: who looks at a chart while it grows has it generated again and again."""
    try:
        config: object = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        raise InvalidChart(details=[Detail("", UNREADABLE)]) from None
    parse_definition(config)


def generate(chart: StoredChart, deadline: Deadline) -> GeneratedChart:
    """Validate, generate and persist.

    Args:
        chart: as `find` read it.
        deadline: bounds the whole.

    Raises:
        InvalidChart: the definition is wrong, or does not fit the rows, the campaign or the source as they are now.
        GenerationInProgress: somebody else is generating it right now, or editing it again and again.
        NotFound: it was deleted meanwhile.
        UpstreamError, UpstreamBusy, UpstreamTimeout: Supabase fails, is busy, or does not answer.
    """
    return _chart(_settled(chart, deadline, None))


def refresh(chart: StoredChart, deadline: Deadline, requested_at: datetime) -> bool:
    """The same, unless it has been generated since it was requested; whether it was done now.

    Raises: as `generate`.
    """
    outcome = _settled(chart, deadline, requested_at.isoformat())
    _chart(outcome)
    return outcome.outcome == "generated"


def _settled(chart: StoredChart, deadline: Deadline, requested_at: str | None) -> _Outcome:
    for _ in range(ATTEMPTS):
        check(chart, deadline)
        outcome = _generated(chart, deadline, requested_at)
        if outcome.outcome != "edited":
            return outcome
        chart = find(chart.id, deadline)
    raise GenerationInProgress(retry_after=IN_PROGRESS_RETRY_AFTER_SECONDS)


def _generated(chart: StoredChart, deadline: Deadline, requested_at: str | None) -> _Outcome:
    arguments: dict[str, JsonValue] = {
        "chart_id": str(chart.id),
        "expected_version": chart.definition_version,
        "requested_at": requested_at,
    }
    seconds = deadline.within(GENERATE_SECONDS)
    return supabase.rpc("generate_chart", arguments, _Outcome, timeout=seconds)


def _chart(outcome: _Outcome) -> GeneratedChart:
    if outcome.chart:
        return outcome.chart
    raise _error(outcome)


def _error(outcome: _Outcome) -> PetitionError:
    match outcome.outcome:
        case "in_progress":
            return GenerationInProgress(retry_after=IN_PROGRESS_RETRY_AFTER_SECONDS)
        case "not_found":
            return NotFound()
        case "invalid" | "undrawable" if outcome.error:
            return InvalidChart(details=[Detail(outcome.error.field or "", outcome.error.message)])
        case "timeout":
            return UpstreamTimeout("This chart took too long to generate; narrow its date range or its filters.")
        case _:
            return UpstreamError()


def _record(chart: StoredChart, error: InvalidChart, deadline: Deadline) -> None:
    first = error.details[0]
    failure: JsonValue = {"code": error.code, "field": first.field, "message": first.message}
    supabase.rpc(
        "record_chart_failure",
        {
            "chart_id": str(chart.id),
            "version": chart.definition_version,
            "failure": failure,
            "permanent": True,
        },
        object,
        timeout=deadline.within(READ_SECONDS),
    )
