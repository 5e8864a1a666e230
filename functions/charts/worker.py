"""The queue's worker: generate each chart as the route does, and report which messages are to come again."""

import time
from typing import Literal, TypedDict

import msgspec

from charts.chart import find, refresh
from charts.queue import ChartRequest
from petition.clients.service_role import service_role
from petition.config.init import run_init_hooks
from petition.config.settings import SettingsError
from petition.deadline import RESERVE_SECONDS, Deadline, LambdaContext
from petition.errors import GenerationInProgress, InvalidChart, NotFound
from petition.telemetry import flush_metrics, logger, metrics

# A chart is not begun with less time than one may take: it comes again with the next batch.
CHART_SECONDS = 30.0
# Between attempts at a chart that somebody else is generating. A message that comes again does so after a quarter of an
# hour, and the fifth time is its last: too much for a meeting of two that are both in order.
PAUSE_SECONDS = 0.5
NEEDED_SECONDS = CHART_SECONDS + RESERVE_SECONDS


class Record(TypedDict):
    """The part of an SQS record that is used here."""

    messageId: str
    body: str


class QueueEvent(TypedDict):
    """A batch."""

    Records: list[Record]


class Failure(TypedDict):
    """A message that is to come again."""

    itemIdentifier: str


class BatchResult(TypedDict):
    """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting."""

    batchItemFailures: list[Failure]


type Ending = Literal["refreshed", "current", "invalid", "gone", "failed"]
# What another attempt could mend. A wrong definition waits for its edit, one that cannot be drawn for now until it is
# due again, a deleted chart for nothing.
TRY_AGAIN: Ending = "failed"
COUNTED: dict[Ending, str] = {"refreshed": "ChartsRefreshed", "invalid": "ChartsFailed", "failed": "ChartsFailed"}

run_init_hooks(service_role)


def handler(event: QueueEvent, context: LambdaContext) -> BatchResult:
    """Generate the charts of a batch, one after the other.

    Raises:
        SettingsError: the function is set up wrongly: the whole batch is given up, which its alarm tells.
    """
    try:
        again = [record["messageId"] for record in event["Records"] if _ending(record, context) == TRY_AGAIN]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}
    finally:
        flush_metrics()


def _ending(record: Record, context: LambdaContext) -> Ending:
    if context.get_remaining_time_in_millis() < NEEDED_SECONDS * 1000:
        return TRY_AGAIN
    started = time.monotonic()
    ending = _refreshed(record)
    if ending in COUNTED:
        metrics.add_metric(name=COUNTED[ending], unit="Count", value=1)
        metrics.add_metric(name="ChartDuration", unit="Milliseconds", value=(time.monotonic() - started) * 1000)
    return ending


def _refreshed(record: Record) -> Ending:
    deadline = Deadline(CHART_SECONDS)
    try:
        done = _done(msgspec.json.decode(record["body"], type=ChartRequest), deadline)
    except InvalidChart:
        return "invalid"
    except NotFound:
        return "gone"
    except SettingsError:
        raise
    except Exception as error:  # noqa: BLE001 - one bad chart must not stop the others of its batch
        logger.warning("chart not refreshed", extra={"cause": type(error).__name__, "message_id": record["messageId"]})
        return TRY_AGAIN
    return "refreshed" if done else "current"


def _done(request: ChartRequest, deadline: Deadline) -> bool:
    """Generate the chart, after whoever is generating it; whether that was still to be done.

    Raises: as `find` and `refresh`, and UpstreamTimeout where the other does not end in time.
    """
    while True:
        try:
            return refresh(find(request.chart_id, deadline), deadline, request.requested_at)
        except GenerationInProgress:
            time.sleep(deadline.within(PAUSE_SECONDS))
