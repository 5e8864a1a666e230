"""The queue, and what the functions count on their standard output."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from petition.clients.sqs_event import SqsEvent, SqsRecord

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

VISIBILITY_SECONDS = 2
ATTEMPTS = 3


@dataclass
class Queue:
    """A queue and its dead-letter queue."""

    sqs: "SQSClient"
    url: str
    dead_letters: str

    @classmethod
    def create(cls, sqs: "SQSClient", name: str) -> "Queue":
        """Create both, tied together as in the template."""
        dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": ATTEMPTS})
        attributes = {"VisibilityTimeout": str(VISIBILITY_SECONDS), "RedrivePolicy": redrive}
        return cls(sqs, sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"], dead)  # type: ignore[arg-type] # plain names

    def hide_for(self, seconds: int) -> None:
        """Make delivered messages come again after so many seconds."""
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"VisibilityTimeout": str(seconds)})

    def send_at_once(self, *bodies: str) -> None:
        """Send messages that are delivered together."""
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)  # type: ignore[arg-type] # as it asks

    def waiting(self) -> int:
        """How many messages there are, including those that are being processed."""
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"]) + int(attributes["ApproximateNumberOfMessagesNotVisible"])

    def dead(self) -> list[str]:
        """Take the messages that were given up."""
        answer = self.sqs.receive_message(QueueUrl=self.dead_letters, MaxNumberOfMessages=10)
        return [message["Body"] for message in answer.get("Messages", [])]

    def batch(self, size: int = 10) -> SqsEvent:
        """Some messages as Lambda hands them to the worker; they come again unless they are deleted."""
        answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=size)
        messages = answer.get("Messages", [])
        return {"Records": [SqsRecord(messageId=each["MessageId"], body=each["Body"]) for each in messages]}

    def charts(self) -> Iterator[tuple[UUID, str]]:
        """Every message that waits: the chart, and when it was requested."""
        while records := self.batch()["Records"]:
            for record in records:
                body = json.loads(record["body"])
                yield UUID(body["chart_id"]), body["requested_at"]


def event(*messages: str) -> SqsEvent:
    """A batch of messages with these bodies, numbered from 0."""
    return {"Records": [{"messageId": str(number), "body": body} for number, body in enumerate(messages)]}


def message(chart: UUID, requested_at: str = "2100-01-01T00:00:00Z") -> str:
    """A message as the schedule sends it; by default it is never out of date."""
    return json.dumps({"chart_id": str(chart), "requested_at": requested_at})


def metrics(output: str) -> Mapping[str, Any]:
    """What was counted: the values of every metric, added up for counts."""
    found: dict[str, list[float]] = {}
    for line in output.splitlines():
        if '"_aws"' in line:
            given = json.loads(line)
            for metric in given["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
                value = given[metric["Name"]]
                found.setdefault(metric["Name"], []).extend(value if isinstance(value, list) else [value])
    return found
