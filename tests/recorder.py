"""A door in front of an HTTP server: hands every request on, and keeps a list of them."""

import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

SECONDS = 30
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Seen(NamedTuple):
    """A request that came by: `path` is without its query string."""

    method: str
    path: str
    query: str


class Recorder:
    """Stands in front of `upstream` at a URL of its own.

    Attributes:
        url: where it listens.
        requests: what came by, in order.
        connections: how many connections it was reached through: one, where a client keeps its own alive.
    """

    def __init__(self, upstream: str) -> None:
        self.requests: list[Seen] = []
        self.connections = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, urlsplit(upstream).netloc))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def count(self, method: str, path: str) -> int:
        """How many requests of this method came to this path."""
        return sum(1 for seen in self.requests if (seen.method, seen.path) == (method, path))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(recorder: Recorder, upstream: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            recorder.connections += 1
            super().setup()

        def hand_on(self) -> None:
            url = urlsplit(self.path)
            recorder.requests.append(Seen(self.command, url.path, url.query))
            connection = HTTPConnection(upstream, timeout=SECONDS)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = do_SEARCH = hand_on  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    return Handler
