"""The queue's worker: generate each chart as the route does, and report which messages must be delivered again."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

from charts.generation import generate_chart
from charts.queue import ChartRequest
from petition.clients.service_role import service_role
from petition.clients.sqs_event import BatchResponse, SqsEvent, SqsRecord
from petition.config.init import run_init_hooks
from petition.config.settings import Settings, SettingsError
from petition.deadline import RESERVE_SECONDS, Deadline, LambdaContext
from petition.errors import GenerationInProgress, InvalidChart, NotFound
from petition.telemetry import flush_metrics, logger, metrics

# The pause between attempts at a chart that somebody else is generating. To give the message back would cost a quarter
# of an hour and one of its five deliveries, although nothing is wrong.
PAUSE_SECONDS = 0.5


class WorkerSettings(Settings):
    """How charts are generated.

    Attributes:
        charts_at_once: how many charts a worker generates at once. The database bears this times the number of workers.
        chart_seconds: how long a chart may take. With less time left, it is not begun, and is delivered again.
    """

    charts_at_once: Annotated[int, Meta(ge=1, le=10)] = 1
    chart_seconds: Annotated[float, Meta(gt=0, le=30)] = 30.0


type Ending = Literal["refreshed", "current", "invalid", "gone", "failed", "not begun"]
# The endings that another attempt could change. A wrong definition waits for an edit, one that cannot be drawn for now
# waits until it is due again, and a deleted chart needs no attempt.
TRY_AGAIN: frozenset[Ending] = frozenset({"failed", "not begun"})
METRICS: dict[Ending, str] = {"refreshed": "ChartsRefreshed", "invalid": "ChartsFailed", "failed": "ChartsFailed"}


class _Attempt(NamedTuple):
    """How generating the chart of one message ended, and how long it took."""

    message_id: str
    ending: Ending
    seconds: float


@cache
def worker_settings() -> WorkerSettings:
    """Return the settings, read once for each process.

    Raises:
        SettingsError: CHARTS_AT_ONCE is not a number from 1 to 10, or CHART_SECONDS is not above 0 and at most 30.
    """
    return WorkerSettings.load()


run_init_hooks(service_role, worker_settings)


def handler(event: SqsEvent, context: LambdaContext) -> BatchResponse:
    """Generate the charts of a batch, several at once.

    Raises:
        SettingsError: the function is misconfigured. The whole batch fails and is delivered again; an alarm reports it.
    """
    try:
        attempts = list(_try_charts(event["Records"], context))
        for attempt in attempts:
            _count(attempt)
        again = [attempt.message_id for attempt in attempts if attempt.ending in TRY_AGAIN]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}
    finally:
        flush_metrics()


def _try_charts(records: Sequence[SqsRecord], context: LambdaContext) -> Iterator[_Attempt]:
    service_role()  # made here, and not in several threads at once
    with ThreadPoolExecutor(worker_settings().charts_at_once) as threads:
        yield from threads.map(lambda record: _try_chart(record, context), records)


def _try_chart(record: SqsRecord, context: LambdaContext) -> _Attempt:
    if context.get_remaining_time_in_millis() / 1000 < worker_settings().chart_seconds + RESERVE_SECONDS:
        return _Attempt(record["messageId"], "not begun", 0)
    started = time.monotonic()
    ending = _refresh(record)
    return _Attempt(record["messageId"], ending, time.monotonic() - started)


def _count(attempt: _Attempt) -> None:
    if attempt.ending in METRICS:
        metrics.add_metric(name=METRICS[attempt.ending], unit="Count", value=1)
        metrics.add_metric(name="ChartDuration", unit="Milliseconds", value=attempt.seconds * 1000)


def _refresh(record: SqsRecord) -> Ending:
    deadline = Deadline(worker_settings().chart_seconds)
    try:
        is_new = _generate_in_turn(msgspec.json.decode(record["body"], type=ChartRequest), deadline)
    except InvalidChart:
        return "invalid"
    except NotFound:
        return "gone"
    except SettingsError:
        raise
    except Exception as error:  # noqa: BLE001 - one bad chart must not stop the others of its batch
        logger.warning("chart not refreshed", extra={"cause": type(error).__name__, "message_id": record["messageId"]})
        return "failed"
    return "refreshed" if is_new else "current"


def _generate_in_turn(request: ChartRequest, deadline: Deadline) -> bool:
    """Generate the chart. If somebody else is generating it, wait for them first.

    Returns:
        False if it had already been generated since the request.

    Raises: as `generate_chart`, and UpstreamTimeout if the other does not end in time.
    """
    while True:
        try:
            return generate_chart(request.chart_id, deadline, requested_at=request.requested_at).is_new
        except GenerationInProgress:
            time.sleep(deadline.within(PAUSE_SECONDS))
