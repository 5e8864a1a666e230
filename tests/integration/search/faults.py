"""An upstream with a fault that the real one cannot be made to show."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from socket import SHUT_RDWR, socket

from tests.http_server import QuietHandler, listen

HANG_SECONDS = 20

# Gets the connection, with a request read from it, and an event that is set when the test is over.
type Fault = Callable[[socket, threading.Event], object]


@dataclass
class Faulty:
    """A running server; so many requests have come, on so many connections."""

    url: str = ""
    requests: int = 0
    connections: int = 0


@contextmanager
def faulty(fault: Fault) -> Iterator[Faulty]:
    """A server that answers every request with a fault."""
    served, over = Faulty(), threading.Event()
    with listen(_handler(fault, served, over)) as served.url:
        try:
            yield served
        finally:
            over.set()


def answer(status: int, body: object = "", **headers: str) -> Fault:
    """Answer with this; a body that is not text is sent as JSON."""
    content = (body if isinstance(body, str) else json.dumps(body)).encode()
    given = {"Content_Length": str(len(content)), **headers}
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name.replace('_', '-')}: {value}" for name, value in given.items())]
    return lambda connection, _: connection.sendall("\r\n".join([*lines, "", ""]).encode() + content)


def close(connection: socket, _: threading.Event) -> None:
    """Say nothing and close."""
    connection.shutdown(SHUT_RDWR)


def break_off(connection: socket, over: threading.Event) -> None:
    """Close in the middle of an answer."""
    answer(200, "{", Content_Length="100")(connection, over)
    close(connection, over)


def hang(_: socket, over: threading.Event) -> None:
    """Say nothing."""
    over.wait(HANG_SECONDS)


def drip(connection: socket, over: threading.Event) -> None:
    """Send an answer a byte at a time, for longer than anybody waits."""
    answer(200, Content_Length="1000")(connection, over)
    ends = time.monotonic() + HANG_SECONDS
    while time.monotonic() < ends and not over.wait(0.05):
        connection.sendall(b" ")


def _handler(fault: Fault, served: Faulty, over: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(QuietHandler):
        def setup(self) -> None:
            served.connections += 1
            super().setup()

        def hand_over(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            served.requests += 1
            with suppress(OSError):  # the client has gone
                fault(self.connection, over)

        do_GET = do_POST = do_SEARCH = hand_over  # noqa: N815 - the names that http.server calls

    return Handler
