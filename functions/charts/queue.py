"""The queue of charts that wait for generation."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from petition.clients import sqs
from petition.config.settings import Settings


class QueueSettings(Settings):
    """The queue of charts that wait for generation."""

    chart_queue_url: str


class ChartRequest(Struct):
    """A message: generate this chart, unless that has been done since."""

    chart_id: UUID
    requested_at: Annotated[datetime, Meta(tz=True)]


def send(requests: Iterable[ChartRequest], *, seconds: float = sqs.SECONDS) -> int:
    """Queue charts. One that the queue does not accept is still due at the schedule's next run.

    Args:
        requests: the charts.
        seconds: the time limit of each call.

    Returns:
        How many the queue accepted.

    Raises:
        UpstreamBusy, UpstreamTimeout, UpstreamError: the queue limits calls, does not answer in time, or refuses one.
        SettingsError: CHART_QUEUE_URL is missing.
    """
    bodies = (msgspec.json.encode(request).decode() for request in requests)
    return sqs.send_messages(queue_settings().chart_queue_url, bodies, seconds=seconds)


@cache
def queue_settings() -> QueueSettings:
    """Return the queue's settings, read once for each process.

    Raises:
        SettingsError: CHART_QUEUE_URL is missing.
    """
    return QueueSettings.load()
