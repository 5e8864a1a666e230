"""POST /api/charts/{id}: generate one chart and keep its data; with `Prefer: respond-async`, queue it."""

from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from charts import queue
from charts.chart import GeneratedChart, StoredChart, check, find, generate
from charts.queue import ChartRequest
from petition.access import Access
from petition.api import Call, Message, Nothing, Reply, Route, Yes
from petition.api import handler as http_handler
from petition.errors import GenerationInProgress, InvalidChart, NotFound, UpstreamBusy

PERMISSION = "charts:generate"


class ChartAnswer(Message, kw_only=True):
    """The chart, generated and persisted."""

    ok: Yes = True
    chart: GeneratedChart


class QueuedAnswer(Message):
    """The chart will be generated."""

    ok: Yes = True
    queued: Yes = True


ROUTE = Route(
    path="/api/charts/{id}",
    summary="Generate one chart's data and persist it",
    access=Access(permission=PERMISSION),
    takes=Nothing,
    answers=ChartAnswer,
    accepts=QueuedAnswer,
    body_optional=True,
    fails=(NotFound, GenerationInProgress, InvalidChart),
)


def answer(call: Call[Nothing]) -> ChartAnswer | Reply:
    """Generate the chart now, or queue it where the caller prefers that."""
    chart = find(_uuid(call.request.path_parameter("id")), call.deadline)
    call.require(PERMISSION, campaign=str(chart.campaign_id))
    call.audit.update(chart=str(chart.id), campaign=str(chart.campaign_id))
    if _prefers_async(call.request.headers.get("prefer", "")):
        return _queued(chart, call)
    return ChartAnswer(chart=generate(chart, call.deadline))


def _uuid(text: str) -> UUID:
    try:
        chart_id = UUID(text)
    except ValueError:
        raise NotFound from None
    if str(chart_id) != text.lower():  # UUID() takes braces, blanks and underscores too
        raise NotFound
    return chart_id


def _queued(chart: StoredChart, call: Call[Nothing]) -> Reply:
    check(chart, call.deadline)
    if not queue.send([ChartRequest(chart_id=chart.id, requested_at=datetime.now(UTC))]):
        raise UpstreamBusy(retry_after=5)
    return Reply(QueuedAnswer(), HTTPStatus.ACCEPTED, {"Preference-Applied": "respond-async"})


def _prefers_async(preferences: str) -> bool:
    """RFC 7240: a list of preferences, each with parameters of its own."""
    return any(item.partition(";")[0].strip().lower() == "respond-async" for item in preferences.split(","))


handler = http_handler(ROUTE, answer, queue.queue_settings)
