"""A queue that takes and keeps every batch, because moto's gets slow with thousands of messages.

Protocol: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.http_server import QuietHandler, listen


@dataclass
class QueueSink:
    """A running server.

    Attributes:
        url: where it listens.
        calls: the bodies of each batch.
    """

    url: str = ""
    calls: list[list[str]] = field(default_factory=list)


@contextmanager
def queue_sink() -> Iterator[QueueSink]:
    """Run one for the length of a block."""
    sink = QueueSink()
    with listen(_handler(sink)) as sink.url:
        yield sink


def _handler(sink: QueueSink) -> type[BaseHTTPRequestHandler]:
    class Handler(QuietHandler):
        def take(self) -> None:
            entries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["Entries"]
            sink.calls.append([entry["MessageBody"] for entry in entries])
            taken = [{"Id": entry["Id"], "MessageId": entry["Id"], "MD5OfMessageBody": ""} for entry in entries]
            content = json.dumps({"Successful": taken}).encode()
            self.send_answer(200, content, [("Content-Type", "application/x-amz-json-1.0")])

        do_POST = take  # noqa: N815 - the name that http.server calls

    return Handler
