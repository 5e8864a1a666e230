"""Send messages to a queue of SQS."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import batched
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from petition.errors import UpstreamBusy, UpstreamError, UpstreamTimeout
from petition.telemetry import logger
from petition.upstream import aws
from petition.upstream.deadline_transport import BUSY_RETRY_AFTER_SECONDS

if TYPE_CHECKING:
    from petition.validation import JsonValue

# The limit of one SendMessageBatch.
BATCH = 10
# Calls in parallel: one after the other, 10,000 messages would take a minute.
AT_ONCE = 8
# For a call of at most two attempts, unless the caller gives another time.
SECONDS = 4.0


class _Entry(Struct, rename="pascal"):
    id: str
    code: str = ""


class _BatchResult(Struct, rename="pascal"):
    successful: list[_Entry] = []
    failed: list[_Entry] = []


def send_messages(queue_url: str, bodies: Iterable[str], *, seconds: float = SECONDS) -> int:
    """Queue messages, ten a call. A message may be queued twice.

    Args:
        queue_url: the queue.
        bodies: the messages' texts.
        seconds: for each call of at most two attempts.

    Returns:
        How many messages the queue confirmed.

    Raises:
        UpstreamBusy: the queue limits how much is sent to it.
        UpstreamTimeout: it does not answer in time.
        UpstreamError: it refuses a whole call, or fails.
    """
    batches = list(batched(bodies, BATCH, strict=False))
    send = partial(_send_batch, queue_url, seconds)
    if len(batches) == 1:
        return send(batches[0])
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return sum(threads.map(send, batches))


def _send_batch(queue_url: str, seconds: float, bodies: Sequence[str]) -> int:
    entries: list[JsonValue] = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
    result = _call({"QueueUrl": queue_url, "Entries": entries}, seconds)
    if result.failed:
        codes = [entry.code for entry in result.failed]
        logger.warning("messages were not queued", extra={"count": len(codes), "codes": codes})
    elif not result.successful:
        # The answer is a success that names no message.
        raise UpstreamError
    # Counted by id: a message that the answer does not name was not confirmed.
    return len({entry.id for entry in result.successful} & {str(number) for number in range(len(bodies))})


def _call(arguments: "JsonValue", seconds: float) -> _BatchResult:
    try:
        credentials = aws.find_credentials()
        answer = aws.call_aws("sqs", "AmazonSQS.SendMessageBatch", arguments, credentials, seconds=seconds / 2)
        return msgspec.convert(answer, _BatchResult)
    except aws.AwsThrottled as error:
        raise UpstreamBusy(retry_after=BUSY_RETRY_AFTER_SECONDS) from error
    except aws.AwsTimeout as error:
        raise UpstreamTimeout from error
    except (aws.AwsError, msgspec.ValidationError) as error:
        raise UpstreamError from error
