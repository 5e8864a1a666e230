"""Generate one chart, from its id to its stored data.

The database does it in one call: it checks permission, generates and stores, so only the finished rows travel. It names
the first mistake of a wrong definition; the code here finds all of them.
"""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from petition.clients import supabase
from petition.deadline import Deadline
from petition.errors import (
    Detail,
    Forbidden,
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
# A little over the limit of the statement in the database, which can then report that it was cancelled.
GENERATE_SECONDS = 27.0
IN_PROGRESS_RETRY_AFTER_SECONDS = 5
MAX_CHECKED = 64
UNREADABLE = "A definition holds no number of thousands of digits, and no list hundreds of levels deep"
# The definition is read as text: jsonb allows numbers of 130,000 digits and endlessly nested lists, and one such
# definition would make the whole answer unreadable.
_COLUMNS = "id,campaign_id,config::text,definition_version"


class StoredChart(Struct):
    """The columns of a chart that queueing needs; `config` is JSON text."""

    id: UUID
    campaign_id: UUID
    config: str
    definition_version: int


class GeneratedChart(Struct, rename="camel"):
    """A chart with its data, as the database returns it."""

    id: UUID
    title: str
    data: Raw
    generated_at: str


class Generation(NamedTuple):
    """A chart, the campaign that it belongs to, and whether it was generated now."""

    chart: GeneratedChart
    campaign_id: UUID
    is_new: bool


class _Failure(Struct):
    message: str
    field: str | None = None


class _Outcome(Struct, rename="camel"):
    outcome: Literal[
        "generated",
        "already_generated",
        "in_progress",
        "not_found",
        "forbidden",
        "invalid",
        "undrawable",
        "failed",
        "timeout",
    ]
    campaign_id: UUID | None = None
    chart: GeneratedChart | None = None
    error: _Failure | None = None
    definition: str | None = None


def generate_chart(
    chart_id: UUID,
    deadline: Deadline,
    *,
    campaigns: Collection[str] | None = None,
    requested_at: datetime | None = None,
) -> Generation:
    """Generate a chart and store its data, unless that has been done since it was requested.

    Args:
        chart_id: the chart's id.
        deadline: when it must be done.
        campaigns: those in which the caller may generate charts; None means every campaign.
        requested_at: when the chart was requested; None generates it in any case.

    Raises:
        NotFound: there is no such chart.
        Forbidden: it belongs to none of the campaigns.
        InvalidChart: the definition is wrong, or does not fit the rows, the campaign or the source as they are now.
        GenerationInProgress: somebody else is generating it right now, or editing it again and again.
        UpstreamError, UpstreamBusy, UpstreamTimeout: Supabase fails, is busy, or does not answer.
    """
    arguments: dict[str, JsonValue] = {
        "chart_id": str(chart_id),
        "campaigns": None if campaigns is None else [*sorted(campaigns)],
        "requested_at": requested_at.isoformat() if requested_at else None,
    }
    seconds = deadline.within(GENERATE_SECONDS)
    outcome = supabase.rpc("generate_chart", arguments, _Outcome, timeout=seconds)
    if outcome.chart and outcome.campaign_id:
        return Generation(outcome.chart, outcome.campaign_id, outcome.outcome == "generated")
    raise _make_error(outcome)


def find_chart(chart_id: UUID, deadline: Deadline) -> StoredChart:
    """Read a chart.

    Raises:
        NotFound: there is no such chart.
        UpstreamError, UpstreamBusy, UpstreamTimeout: Supabase fails, is busy, or does not answer.
    """
    seconds = deadline.within(READ_SECONDS)
    found = supabase.select_rows("charts", _COLUMNS, StoredChart, where={"id": str(chart_id)}, timeout=seconds)
    if not found:
        raise NotFound
    return found[0]


def check_chart(chart: StoredChart, deadline: Deadline) -> None:
    """Check a chart's definition before it is queued. A mistake is recorded with the chart, which is then not tried.

    Raises:
        InvalidChart: the definition is wrong; `details` lists every mistake.
        UpstreamError, UpstreamBusy, UpstreamTimeout: a mistake could not be recorded.
    """
    try:
        _check_text(chart.config)
    except InvalidChart as error:
        _record_failure(chart, error, deadline)
        raise


@lru_cache(maxsize=MAX_CHECKED)
def _check_text(text: str) -> None:
    """Check a definition. A valid one is cached: a person who watches a chart grow asks for it again and again."""
    # Imported here: it takes longer to build pydantic's models than to generate most charts.
    from charts.parsing import parse_definition  # noqa: PLC0415 - see above

    try:
        config: object = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        raise InvalidChart(details=[Detail("", UNREADABLE)]) from None
    parse_definition(config)


def _make_error(outcome: _Outcome) -> PetitionError:
    match outcome.outcome:
        case "in_progress":
            return GenerationInProgress(retry_after=IN_PROGRESS_RETRY_AFTER_SECONDS)
        case "not_found":
            return NotFound()
        case "forbidden":
            return Forbidden()
        case "invalid" | "undrawable" if outcome.error:
            return _explain(outcome.error, outcome.definition)
        case "timeout":
            return UpstreamTimeout("This chart took too long to generate; narrow its date range or its filters.")
        case _:
            return UpstreamError()


def _explain(failure: _Failure, definition: str | None) -> InvalidChart:
    """Return every mistake of a definition, or the database's message for a mistake that is not found here."""
    try:
        if definition is not None:
            _check_text(definition)
    except InvalidChart as error:
        return error
    return InvalidChart(details=[Detail(failure.field or "", failure.message)])


def _record_failure(chart: StoredChart, error: InvalidChart, deadline: Deadline) -> None:
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
