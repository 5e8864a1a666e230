"""The queue of charts that wait for generation."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from itertools import batched
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from petition.config.settings import Settings
from petition.errors import UpstreamError, UpstreamTimeout
from petition.process_singleton import process_singleton
from petition.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

# What one SendMessageBatch takes.
BATCH = 10
# Calls under way at once: one after the other, 10,000 charts would take a minute.
AT_ONCE = 8


class QueueSettings(Settings):
    """Where the charts wait."""

    chart_queue_url: str


class ChartRequest(Struct):
    """A message: generate this chart, unless that has been done since."""

    chart_id: UUID
    requested_at: Annotated[datetime, Meta(tz=True)]


def send(requests: Iterable[ChartRequest]) -> int:
    """Queue charts, ten a call; how many the queue took.

    One that it did not take is still due at the next run of the schedule.

    Raises:
        UpstreamTimeout, UpstreamError: the queue does not answer in time, or refuses a whole call.
        SettingsError: CHART_QUEUE_URL is missing.
    """
    # Made here, as boto3 must not make a client in several threads at once.
    _client()
    with _failures_named(), ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(_taken, batched(requests, BATCH, strict=False)))


@contextmanager
def _failures_named() -> Iterator[None]:
    from botocore import exceptions as aws  # noqa: PLC0415 - see _client

    try:
        yield
    except (aws.ConnectTimeoutError, aws.ReadTimeoutError) as error:
        raise UpstreamTimeout from error
    except (aws.BotoCoreError, aws.ClientError) as error:
        raise UpstreamError from error


def _taken(batch: Sequence[ChartRequest]) -> int:
    answer = _client().send_message_batch(QueueUrl=queue_settings().chart_queue_url, Entries=list(_entries(batch)))
    failed = answer.get("Failed", [])
    if failed:
        logger.warning("charts were not queued", extra={"count": len(failed), "codes": [f["Code"] for f in failed]})
    return len(batch) - len(failed)


def _entries(batch: Sequence[ChartRequest]) -> "Iterator[SendMessageBatchRequestEntryTypeDef]":
    for number, request in enumerate(batch):
        yield {"Id": str(number), "MessageBody": msgspec.json.encode(request).decode()}


@cache
def queue_settings() -> QueueSettings:
    """The process's own.

    Raises:
        SettingsError: CHART_QUEUE_URL is missing.
    """
    return QueueSettings.load()


@process_singleton
def _client() -> "SQSClient":
    # Imported here: loading boto3 takes longer than generating most charts, and only queueing needs it.
    import boto3  # noqa: PLC0415 - see above
    from botocore.config import Config  # noqa: PLC0415 - see above

    limits = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3}, max_pool_connections=AT_ONCE)
    return boto3.client("sqs", config=limits)
