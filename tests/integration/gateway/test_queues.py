"""SQS batches, from moto's real API to a function under the real runtime."""

from typing import TYPE_CHECKING

import pytest

from tests.integration.gateway.harness import Start, until

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@pytest.fixture
def queue(sqs: "SQSClient", request: pytest.FixtureRequest) -> str:
    name = "".join(filter(str.isalnum, request.node.name))[:80]
    return sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "1"})["QueueUrl"]


def wait_until_empty(sqs: "SQSClient", queue: str) -> None:
    def empty() -> bool:
        attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        return attributes["ApproximateNumberOfMessages"] == attributes["ApproximateNumberOfMessagesNotVisible"] == "0"

    until(empty)


def deliver(start: Start, sqs: "SQSClient", queue: str, aws_url: str, *bodies: str) -> list[list[str]]:
    """Return the batches that the function got until the queue was empty."""
    for body in bodies:
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    running = start(queues={"Work": queue}, sqs_url=aws_url)
    wait_until_empty(sqs, queue)
    running.run(running.gateway.stop())
    return [line.split()[1:] for _, line in running.lines if line.startswith("batch")]


def messages(batches: list[list[str]]) -> list[str]:
    return [message for batch in batches for message in batch]


def test_every_message_is_delivered_in_batches_and_deleted(
    start: Start, sqs: "SQSClient", queue: str, aws_url: str
) -> None:
    batches = deliver(start, sqs, queue, aws_url, *"abcdef")

    assert sorted(messages(batches)) == list("abcdef")
    assert max(len(batch) for batch in batches) <= 4


def test_a_message_reported_as_failed_comes_back_alone(
    start: Start, sqs: "SQSClient", queue: str, aws_url: str
) -> None:
    batches = deliver(start, sqs, queue, aws_url, "a", "fail-b", "c")

    assert sorted(messages(batches)) == ["a", "c", "fail-b", "fail-b"]
    assert ["fail-b"] in batches


def test_a_function_that_raises_gets_the_whole_batch_again(
    start: Start, sqs: "SQSClient", queue: str, aws_url: str
) -> None:
    batches = deliver(start, sqs, queue, aws_url, "a", "crash-b")

    assert messages(batches).count("crash-b") == 2
    assert messages(batches).count("a") >= 1


def test_no_more_processes_run_than_the_mapping_allows(
    start: Start, sqs: "SQSClient", queue: str, aws_url: str
) -> None:
    for body in range(24):
        sqs.send_message(QueueUrl=queue, MessageBody=f"slow-{body}")
    running = start(queues={"Work": queue}, sqs_url=aws_url)

    wait_until_empty(sqs, queue)

    assert len(running.gateway._pools["Worker"]._all) == 2


def test_a_queue_service_that_is_unavailable_does_not_stop_the_gateway(start: Start) -> None:
    running = start(queues={"Work": "http://127.0.0.1:9/1/work"}, sqs_url="http://127.0.0.1:9")

    assert running.http.post("/answers/plain").status_code == 200
