"""The event that SQS sends to a queue's worker, and what the worker returns."""

from typing import TypedDict


class SqsRecord(TypedDict):
    """A message, as far as a worker needs it."""

    messageId: str
    body: str


class SqsEvent(TypedDict):
    """A batch of messages."""

    Records: list[SqsRecord]


class BatchItemFailure(TypedDict):
    """A message that must be delivered again."""

    itemIdentifier: str


class BatchResponse(TypedDict):
    """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting."""

    batchItemFailures: list[BatchItemFailure]
