"""What the queue answers to messages, and which error that becomes."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from itertools import count
from uuid import uuid4

import pytest

from charts import queue
from charts.queue import ChartRequest
from petition.errors import PetitionError, UpstreamBusy, UpstreamError, UpstreamTimeout
from tests.integration.lambda_process import process
from tests.integration.sessions.scripted import Upstream, drips, gives_up, hangs_up, in_turn, is_silent, says, upstream

type Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def sqs() -> Iterator[Upstream]:
    with upstream(take) as found:
        environment = {
            "AWS_ACCESS_KEY_ID": "made-up",
            "AWS_SECRET_ACCESS_KEY": "made-up",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_SQS": found.url,
            "CHART_QUEUE_URL": "https://sqs.example/1/charts",
        }
        with process(environment):
            yield found


def take(request: BaseHTTPRequestHandler) -> None:
    """Take ten messages, whatever they are."""
    says(200, json.dumps({"Successful": [{"Id": str(number)} for number in range(10)]}).encode())(request)


def send(number: int = 1) -> int:
    return queue.send(ChartRequest(uuid4(), datetime.now(UTC)) for _ in range(number))


def test_messages_are_sent_ten_at_a_time_and_told_apart_by_their_place(sqs: Upstream) -> None:
    assert send(23) == 23
    sent = [json.loads(body) for *_, body in sqs.requests]
    assert sorted(len(each["Entries"]) for each in sent) == [3, 10, 10]
    assert all(
        [entry["Id"] for entry in each["Entries"]] == [str(n) for n in range(len(each["Entries"]))] for each in sent
    )
    assert {each["QueueUrl"] for each in sent} == {"https://sqs.example/1/charts"}
    headers = sqs.requests[0][2]
    assert (headers["x-amz-target"], headers["content-type"]) == (
        "AmazonSQS.SendMessageBatch",
        "application/x-amz-json-1.0",
    )


@pytest.mark.parametrize(
    ("answer", "taken"),
    [
        ({"Successful": [{"Id": "0"}, {"Id": "0"}, {"Id": "7"}, {"Id": "other"}]}, 1),
        ({"Successful": [{"Id": "1"}], "Failed": [{"Id": "0", "Code": "InternalError"}]}, 1),
        ({"Failed": [{"Id": "0", "Code": "InternalError"}, {"Id": "1", "Code": "InternalError"}]}, 0),
    ],
    ids=["ids that were not sent", "one failed", "all failed"],
)
def test_a_message_counts_as_queued_only_where_the_queue_names_it(
    sqs: Upstream, answer: dict[str, object], taken: int
) -> None:
    sqs.answer = says(200, json.dumps(answer).encode())
    assert send(2) == taken


def endless(request: BaseHTTPRequestHandler) -> None:
    request.connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    with suppress(ConnectionError):  # the client has had enough
        for _ in count():
            request.connection.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


REFUSED = json.dumps({"__type": "com.amazonaws.sqs#QueueDoesNotExist"}).encode()
THROTTLED = json.dumps({"__type": "com.amazon.coral.availability#ThrottlingException"}).encode()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (says(200, b"<html>"), UpstreamError),
        (says(200), UpstreamError),
        (says(200, b"{}"), UpstreamError),
        (says(200, b'{"Successful": {"Id": "0"}}'), UpstreamError),
        (says(400, REFUSED), UpstreamError),
        (says(403, b""), UpstreamError),
        (says(500, b""), UpstreamError),
        (endless, UpstreamError),
        (hangs_up, UpstreamError),
        (says(400, THROTTLED), UpstreamBusy),
        (says(429, b""), UpstreamBusy),
        (says(503, b""), UpstreamBusy),
        (drips, UpstreamTimeout),
        (is_silent, UpstreamTimeout),
    ],
    ids=[
        *("HTML", "an empty 200", "nothing", "another shape", "no such queue", "403", "500", "endless", "hangs up"),
        *("throttled", "429", "503", "drips", "silent"),
    ],
)
def test_what_keeps_a_message_from_the_queue_is_told(sqs: Upstream, answer: Answer, error: type[PetitionError]) -> None:
    sqs.answer = answer
    with gives_up(), pytest.raises(PetitionError) as caught:
        send()
    assert type(caught.value) is error
    assert caught.value.retry_after == (5 if error is UpstreamBusy else None)


def test_a_failure_that_passes_is_not_noticed(sqs: Upstream) -> None:
    sqs.answer = in_turn(says(500, b""), take)
    assert send() == 1
