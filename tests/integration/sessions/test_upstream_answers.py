"""One HTTP call: what is sent, compressed or endless answers, and addresses that do not exist."""

import gzip
import logging
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from petition.deadline import time_limit
from petition.errors import UpstreamError, UpstreamTimeout
from petition.upstream.client import Response, send_request
from petition.upstream.deadline_transport import MAX_BYTES
from petition.validation import JsonValue
from tests.integration.sessions.scripted import FAULT_SECONDS, Upstream, gives_up, in_turn, is_silent, says, upstream

MANY = b"1" * (MAX_BYTES + 1)


@pytest.fixture(autouse=True)
def server() -> Iterator[Upstream]:
    with upstream(says(200, b"1")) as found:
        yield found


def ask(url: str, body: JsonValue = None, *, seconds: float = 5) -> Response:
    return send_request("GET" if body is None else "POST", url, seconds=seconds, json=body)


def test_a_request_says_what_it_holds_and_what_it_takes(server: Upstream) -> None:
    ask(f"{server.url}/some;x=1?a=b%20c")
    ask(server.url, {"a": 1})
    (method, path, asked, _), (_, _, headers, body) = server.requests
    assert (method, path, asked["host"]) == ("GET", "/some;x=1?a=b%20c", server.url.removeprefix("http://"))
    assert (asked["accept"], asked["accept-encoding"]) == ("application/json", "gzip")
    assert "content-length" not in asked
    assert (headers["content-type"], headers["content-length"], body) == ("application/json", "7", b'{"a":1}')


def test_an_answer_that_was_packed_is_unpacked(server: Upstream) -> None:
    server.answer = says(200, gzip.compress(b"[1]"), Content_Encoding="GZIP")
    assert ask(server.url).content == b"[1]"


def test_the_longest_answer_is_read(server: Upstream) -> None:
    server.answer = says(200, MANY[1:])
    assert len(ask(server.url).content) == MAX_BYTES
    server.answer = says(200, gzip.compress(MANY[1:]), Content_Encoding="gzip")
    assert len(ask(server.url).content) == MAX_BYTES


@pytest.mark.parametrize(
    ("body", "packed"),
    [
        (MANY, False),
        (gzip.compress(MANY), True),
        (gzip.compress(b"[1]")[:-4], True),
        (b"[1]", True),
    ],
    ids=["too long", "too long when unpacked", "cut off", "not packed at all"],
)
def test_an_answer_that_cannot_be_held_or_unpacked_is_a_failure(server: Upstream, body: bytes, *, packed: bool) -> None:
    server.answer = says(200, body, **({"Content_Encoding": "gzip"} if packed else {}))
    with pytest.raises(UpstreamError):
        ask(server.url)
    server.answer = says(200, b"2")
    assert ask(server.url).content == b"2"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "voters.example",
        "http://",
        "http:///items",
        "ftp://127.0.0.1/",
        "http://127.0.0.1:port/",
        "http://127.0.0.1:99999/",
        "http://[::1/",
        "http://wähler.example/",
        f"http://{'a' * 64}.example/",
        "http://127.0.0.1/a b",
    ],
)
def test_what_is_no_address_is_a_failure(url: str) -> None:
    with pytest.raises(UpstreamError):
        ask(url)


@pytest.mark.parametrize("value", ["a\nb", "a\udcff"])
def test_what_cannot_stand_in_a_header_is_a_failure_that_does_not_show_it(
    server: Upstream, caplog: pytest.LogCaptureFixture, value: str
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(UpstreamError, match=re.escape(UpstreamError.message)):
        send_request("GET", server.url, headers={"Authorization": f"Bearer made-up-{value}"}, seconds=5)
    assert "made-up" not in caplog.text
    assert not server.requests


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that is too busy to take a connection."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as busy, ExitStack() as waiting:
        for _ in range(3):
            client = waiting.enter_context(socket.socket())
            client.settimeout(0)
            client.connect_ex(busy.getsockname())
        yield busy.getsockname()[1]


def name(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    """Give the host `voters.test` these addresses."""
    resolve = socket.getaddrinfo

    def find_addresses(host: str, *rest: Any, **how: Any) -> list[Any]:  # noqa: ANN401 - getaddrinfo's own
        asked = addresses if host == "voters.test" else [host]
        return [each for address in asked for each in resolve(address, *rest, **how)]

    monkeypatch.setattr(socket, "getaddrinfo", find_addresses)


def test_all_addresses_of_a_host_together_have_the_time_of_one_call(
    silent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    name(monkeypatch, ["127.0.0.1"] * 2 * int(FAULT_SECONDS / 0.5))
    with gives_up(), pytest.raises(UpstreamTimeout):
        send_request("GET", f"http://voters.test:{silent}/", seconds=0.5)


def test_where_one_address_of_a_host_is_dead_the_next_is_asked(
    server: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    name(monkeypatch, ["127.0.0.2", "127.0.0.1"])
    assert ask(server.url.replace("127.0.0.1", "voters.test")).content == b"1"


def test_a_host_without_an_address_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    name(monkeypatch, [])
    with pytest.raises(UpstreamError):
        ask("http://voters.test/")


def test_a_host_is_named_as_in_the_address(server: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    name(monkeypatch, ["127.0.0.1"])
    ask(server.url.replace("127.0.0.1", "voters.test"))
    [(_, _, headers, _)] = server.requests
    assert headers["host"] == f"voters.test:{server.url.rpartition(':')[2]}"


def test_nothing_is_taken_from_the_environment_or_kept_of_an_answer(
    server: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.answer = says(200, b"1", Set_Cookie="session=theirs; Path=/")
    for _ in range(2):
        ask(server.url.replace("//", "//user:password@"))
    for _, _, headers, _ in server.requests:
        assert not {"cookie", "authorization"} & headers.keys()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_even_to_nowhere(server: Upstream, status: int) -> None:
    server.answer = says(status, Location="http://[")
    with pytest.raises(UpstreamError):
        ask(server.url)
    assert len(server.requests) == 1


def test_a_time_limit_is_for_all_calls_of_its_block(server: Upstream) -> None:
    server.answer = in_turn(says(200, b"1"), is_silent)
    with gives_up(), time_limit(1):
        ask(server.url)
        with pytest.raises(UpstreamTimeout):
            ask(server.url, seconds=FAULT_SECONDS)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "surplus",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n9",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX: ",
        b"\r\n",
        b"garbage",
    ],
    ids=["an answer", "half an answer", "an empty line", "garbage"],
)
@pytest.mark.parametrize("is_late", [False, True], ids=["at once", "later"])
def test_what_is_sent_beyond_an_answer_is_never_the_next_answer(
    server: Upstream, surplus: bytes, *, is_late: bool
) -> None:
    was_answered, was_sent = threading.Event(), threading.Event()

    def answer_too_much(request: BaseHTTPRequestHandler) -> None:
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"
        if is_late:
            request.connection.sendall(answer)
            was_answered.wait(5)
            answer = b""
        request.connection.sendall(answer + surplus)
        was_sent.set()

    server.answer = answer_too_much
    assert ask(server.url).content == b"1"
    was_answered.set()
    assert was_sent.wait(5)
    server.answer = says(200, b"2")
    assert [ask(server.url).content for _ in range(3)] == [b"2"] * 3
    assert server.connections == 2


def test_a_silent_name_server_takes_no_longer_than_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve, over = socket.getaddrinfo, threading.Event()

    def find(host: str, *rest: Any, **how: Any) -> list[Any]:  # noqa: ANN401 - getaddrinfo's own
        if host == "voters.test" and not how.get("flags"):
            over.wait(FAULT_SECONDS)
        return resolve(host, *rest, **how)

    monkeypatch.setattr(socket, "getaddrinfo", find)
    with gives_up(), pytest.raises(UpstreamTimeout):
        send_request("GET", "http://voters.test/", seconds=0.4)
    over.set()
