"""An upstream that answers as a test tells it, for faults that the real one cannot be made to show."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Final

from tests.http_server import QuietHandler, listen
from tests.integration.lambda_process import close_connections

FAULT_SECONDS: Final = 20


@dataclass
class Upstream:
    """A running upstream.

    Attributes:
        answer: writes to the connection what it answers to a request.
        requests: method, path, headers by lower-case name, body.
        connections: how many connections it was reached through.
    """

    url: str
    answer: Callable[[BaseHTTPRequestHandler], None]
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    connections: int = 0


def says(status: int, body: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answer with a status, a body, and headers (`_` for `-`)."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def hangs_up(request: BaseHTTPRequestHandler) -> None:
    """Close the connection without a word."""
    request.close_connection = True
    request.connection.shutdown(socket.SHUT_RDWR)


def drips(request: BaseHTTPRequestHandler) -> None:
    """Answer one byte at a time, each in time, for longer than anybody should wait."""
    end = time.monotonic() + FAULT_SECONDS
    with suppress(OSError):
        while time.monotonic() < end:
            request.connection.sendall(b"H")
            time.sleep(0.1)
    request.close_connection = True


def is_silent(request: BaseHTTPRequestHandler) -> None:
    """Say nothing until the caller has gone, or for longer than anybody should wait."""
    request.connection.settimeout(FAULT_SECONDS)
    with suppress(OSError):
        request.connection.recv(1)
    request.close_connection = True


@contextmanager
def gives_up() -> Iterator[None]:
    """Expect the block to end long before such a fault does, even on a busy machine."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < FAULT_SECONDS / 2


def in_turn(*answers: Callable[[BaseHTTPRequestHandler], None]) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answer each request by the next of these, and any more by the last."""
    left = list(answers)

    def answer(request: BaseHTTPRequestHandler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(request)

    return answer


@contextmanager
def upstream(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[Upstream]:
    """Run an upstream for the length of a block, with connections of the block's own."""

    class Handler(QuietHandler):
        timeout = 5

        def setup(self) -> None:
            found.connections += 1
            super().setup()

        def take(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.requests.append((self.command, self.path, headers, body))
            found.answer(self)

        do_GET = do_POST = do_SEARCH = take  # noqa: N815 - the names that http.server calls

    with listen(Handler) as url:
        found = Upstream(url, answer)
        close_connections()
        yield found
        close_connections()
