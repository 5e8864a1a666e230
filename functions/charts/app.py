"""POST /api/charts/{id}: generate one chart and persist its data; with `Prefer: respond-async`, queue it."""

from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from charts import queue
from charts.generation import GeneratedChart, check_chart, find_chart, generate_chart
from charts.queue import ChartRequest
from petition.auth.access import Access
from petition.errors import GenerationInProgress, InvalidChart, NotFound, UpstreamBusy
from petition.http.handler import handler as http_handler
from petition.http.route import HttpResponse, RequestContext, Route
from petition.http.schema import AlwaysTrue, EmptyBody, Schema

PERMISSION = "charts:generate"
QUEUE_SECONDS = 4.0


class ChartAnswer(Schema, kw_only=True):
    """The chart, generated and persisted."""

    ok: AlwaysTrue = True
    chart: GeneratedChart


class QueuedAnswer(Schema):
    """The chart will be generated."""

    ok: AlwaysTrue = True
    queued: AlwaysTrue = True


ROUTE = Route(
    path="/api/charts/{id}",
    summary="Generate one chart's data and persist it",
    access=Access(permission=PERMISSION),
    request_model=EmptyBody,
    response_model=ChartAnswer,
    accepted_model=QueuedAnswer,
    body_optional=True,
    errors=(NotFound, GenerationInProgress, InvalidChart),
)


def answer(context: RequestContext[EmptyBody]) -> ChartAnswer | HttpResponse:
    """Generate the chart now, or queue it if the caller prefers that."""
    chart_id = _parse_id(context.request.path_parameter("id"))
    if _prefers_async(context.request.headers.get("prefer", "")):
        return _queue_chart(chart_id, context)
    generated = generate_chart(chart_id, context.deadline, campaigns=context.campaigns_with(PERMISSION))
    context.audit.update(chart=str(chart_id), campaign=str(generated.campaign_id))
    return ChartAnswer(chart=generated.chart)


def _parse_id(text: str) -> UUID:
    try:
        chart_id = UUID(text)
    except ValueError:
        raise NotFound from None
    if str(chart_id) != text.lower():  # UUID() takes braces, blanks and underscores too
        raise NotFound
    return chart_id


def _queue_chart(chart_id: UUID, context: RequestContext[EmptyBody]) -> HttpResponse:
    chart = find_chart(chart_id, context.deadline)
    context.require(PERMISSION, campaign=str(chart.campaign_id))
    context.audit.update(chart=str(chart_id), campaign=str(chart.campaign_id))
    check_chart(chart, context.deadline)
    request = ChartRequest(chart_id=chart.id, requested_at=datetime.now(UTC))
    if not queue.send([request], seconds=context.deadline.within(QUEUE_SECONDS)):
        raise UpstreamBusy(retry_after=5)
    return HttpResponse(QueuedAnswer(), HTTPStatus.ACCEPTED, {"Preference-Applied": "respond-async"})


def _prefers_async(preferences: str) -> bool:
    """Check for `respond-async` in a list of preferences, each with its own parameters (RFC 7240)."""
    return any(item.partition(";")[0].strip().lower() == "respond-async" for item in preferences.split(","))


handler = http_handler(ROUTE, answer, queue.queue_settings)
