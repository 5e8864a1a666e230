"""SQS event sources: batches to functions, with partial batch responses and a maximum concurrency, as on Lambda.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Final

from local.gateway.config import GatewayConfig
from local.gateway.errors import GatewayError
from local.gateway.events import Json
from local.gateway.template import QueueMapping

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import DeleteMessageBatchRequestEntryTypeDef, MessageTypeDef

type Invoke = Callable[[str, object], Awaitable[Json]]

_RECEIVE_LIMIT: Final = 10  # messages that one call of SQS returns at most
_LONG_POLL: Final = 1  # seconds; also how long a stop may take
_PAUSE: Final = 1.0  # seconds after a call to SQS that failed
_log = logging.getLogger(__name__)


async def poll_queues(mappings: Iterable[QueueMapping], config: GatewayConfig, invoke: Invoke) -> None:
    """Deliver messages until cancelled. Return at once if no mapping's queue is known."""
    known = [mapping for mapping in mappings if mapping.queue in config.queues]
    if not known:
        return
    client = await asyncio.to_thread(_client, config)
    async with asyncio.TaskGroup() as group:
        for mapping in known:
            poller = Poller(mapping, client, config.queues[mapping.queue], config.region, invoke)
            group.create_task(poller.run())


def _client(config: GatewayConfig) -> "SQSClient":
    import boto3  # noqa: PLC0415 - 0.7 s, and only a template with a queue needs it
    from botocore.config import Config  # noqa: PLC0415 - as above

    return boto3.client(
        "sqs",
        endpoint_url=config.sqs_url or None,
        region_name=config.region,
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - the local server takes any
        config=Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1}, max_pool_connections=32),
    )


class Poller:
    """Delivers one queue's messages to one function."""

    def __init__(self, mapping: QueueMapping, client: "SQSClient", url: str, region: str, invoke: Invoke) -> None:
        self._mapping = mapping
        self._client = client
        self._url = url
        self._region = region
        self._invoke = invoke

    async def run(self) -> None:
        """Receive and deliver until cancelled, and finish the batches in hand."""
        slots = asyncio.Semaphore(self._mapping.concurrency)
        async with asyncio.TaskGroup() as group:
            while True:
                await slots.acquire()
                messages = await self._receive()
                if messages:
                    group.create_task(self._deliver(messages)).add_done_callback(lambda _: slots.release())
                else:
                    slots.release()

    async def _receive(self) -> "list[MessageTypeDef]":
        try:
            answer = await asyncio.to_thread(
                self._client.receive_message,
                QueueUrl=self._url,
                MaxNumberOfMessages=min(self._mapping.batch_size, _RECEIVE_LIMIT),
                WaitTimeSeconds=_LONG_POLL,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
        except Exception:  # noqa: BLE001 - botocore's errors share no class with its transport's; polling goes on
            _log.warning("The queue %s cannot be polled.", self._mapping.queue)
            await asyncio.sleep(_PAUSE)
            return []
        return answer.get("Messages", [])

    async def _deliver(self, messages: "list[MessageTypeDef]") -> None:
        """Invoke the function and delete what it has handled. The rest comes back after the visibility timeout."""
        event = {"Records": [self._record(message) for message in messages]}
        try:
            result = await self._invoke(self._mapping.function, event)
        except (GatewayError, ValueError):
            return
        failed = failures(result, {message["MessageId"] for message in messages}) if self._mapping.partial else set()
        await self._delete([message for message in messages if message["MessageId"] not in failed])

    async def _delete(self, messages: "list[MessageTypeDef]") -> None:
        if not messages:
            return
        entries: list[DeleteMessageBatchRequestEntryTypeDef] = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]} for number, message in enumerate(messages)
        ]
        with contextlib.suppress(Exception):
            await asyncio.to_thread(self._client.delete_message_batch, QueueUrl=self._url, Entries=entries)

    def _record(self, message: "MessageTypeDef") -> dict[str, object]:
        attributes = message.get("MessageAttributes", {})
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {name: _attribute(dict(value)) for name, value in attributes.items()},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{self._region}:{self._url.split('/')[-2]}:{self._url.rpartition('/')[2]}",
            "awsRegion": self._region,
        }


def _attribute(value: dict[str, object]) -> dict[str, object]:
    """Return a message attribute as events write it: `stringValue` for SQS's `StringValue`."""
    return {name[0].lower() + name[1:]: item for name, item in value.items() if not isinstance(item, bytes)}


def failures(result: Json, sent: set[str]) -> set[str]:
    """Return the ids of the messages that a function reports as failed.

    An empty report means success. A report that cannot be right (an unknown, empty or missing id) fails the whole
    batch.
    """
    reported = result.get("batchItemFailures") if isinstance(result, dict) else result
    if not reported:
        return set()
    if not isinstance(reported, list):
        return sent
    ids = [item.get("itemIdentifier") if isinstance(item, dict) else None for item in reported]
    known = [item for item in ids if isinstance(item, str) and item in sent]
    return set(known) if len(known) == len(ids) else sent
