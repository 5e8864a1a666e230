"""A proxy in front of an HTTP server, which passes every request on and keeps a list of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.http_server import QuietHandler, listen

SECONDS = 30
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class RecordedRequest(NamedTuple):
    """A request that came by: `path` is without its query string."""

    method: str
    path: str
    query: str


@dataclass
class Recorder:
    """A running proxy.

    Attributes:
        url: where it listens.
        requests: what came by, in order.
        connections: how many connections it was reached through: one, where a client keeps its own alive.
    """

    url: str = ""
    requests: list[RecordedRequest] = field(default_factory=list)
    connections: int = 0

    def count(self, method: str, path: str) -> int:
        """Count the requests of this method to this path."""
        return sum(1 for seen in self.requests if (seen.method, seen.path) == (method, path))


@contextmanager
def record(upstream: str) -> Iterator[Recorder]:
    """Stand in front of a URL, at another one, for the length of a block."""
    recorder = Recorder()
    with listen(_handler(recorder, urlsplit(upstream).netloc)) as recorder.url:
        yield recorder


def _handler(recorder: Recorder, upstream: str) -> type[BaseHTTPRequestHandler]:
    class Handler(QuietHandler):
        def setup(self) -> None:
            recorder.connections += 1
            super().setup()

        def hand_on(self) -> None:
            url = urlsplit(self.path)
            recorder.requests.append(RecordedRequest(self.command, url.path, url.query))
            connection = HTTPConnection(upstream, timeout=SECONDS)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            headers = [header for header in answer.getheaders() if header[0].lower() not in HOP_BY_HOP]
            self.send_answer(answer.status, content, headers)

        do_GET = do_POST = do_PATCH = do_DELETE = do_SEARCH = hand_on  # noqa: N815 - the names that http.server calls

    return Handler
