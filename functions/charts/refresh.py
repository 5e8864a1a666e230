"""The schedule's function: queue every chart that is due."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from charts import queue
from charts.queue import ChartRequest
from petition.clients import supabase
from petition.clients.service_role import service_role
from petition.config.init import run_init_hooks
from petition.deadline import Deadline, LambdaContext
from petition.telemetry import flush_metrics, logger, metrics
from petition.validation import JsonValue

PAGE = 1000
READ_SECONDS = 10.0
QUEUE_SECONDS = 10.0


class DuePage(Struct, rename="camel"):
    """Some of the charts that are due, in the order of their ids; `next` is where the following page begins."""

    charts: list[UUID]
    next: UUID | None
    oldest_age_seconds: int


run_init_hooks(service_role, queue.queue_settings)


def handler(event: dict[str, JsonValue], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - Lambda's signature
    """Queue every due chart, page by page and ten per call.

    Returns:
        How many charts were due, and how many were queued.
    """
    try:
        return _queue_due(Deadline.of(context), datetime.now(UTC))
    finally:
        flush_metrics()


def _queue_due(deadline: Deadline, moment: datetime) -> dict[str, int]:
    due = queued = oldest = 0
    for page in load_due_pages(deadline, moment):
        requests = [ChartRequest(chart_id=chart, requested_at=moment) for chart in page.charts]
        queued += queue.send(requests, seconds=deadline.within(QUEUE_SECONDS))
        due += len(page.charts)
        oldest = max(oldest, page.oldest_age_seconds)
    metrics.add_metric(name="ChartsDue", unit="Count", value=due)
    metrics.add_metric(name="ChartsQueued", unit="Count", value=queued)
    metrics.add_metric(name="OldestChartAge", unit="Seconds", value=oldest)
    logger.info("charts queued", extra={"due": due, "queued": queued})
    return {"due": due, "queued": queued}


def load_due_pages(deadline: Deadline, moment: datetime) -> Iterator[DuePage]:
    """Read the charts that are due, a page at a time: an answer of PostgREST stops at 1,000 rows.

    Raises:
        UpstreamError, UpstreamBusy, UpstreamTimeout: Supabase fails, is busy, or does not answer.
    """
    after: UUID | None = None
    while True:
        page = _load_page(after, deadline, moment)
        yield page
        if page.next is None:
            return
        after = page.next


def _load_page(after: UUID | None, deadline: Deadline, moment: datetime) -> DuePage:
    arguments: dict[str, JsonValue] = {
        "after": str(after) if after else None,
        "page_size": PAGE,
        "moment": moment.isoformat(),
    }
    return supabase.rpc("due_charts", arguments, DuePage, timeout=deadline.within(READ_SECONDS))
