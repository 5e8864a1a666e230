"""One HTTP call: what is sent, answers that are packed or endless, and addresses that are none."""

import gzip
from collections.abc import Iterator

import pytest

from petition import upstream as upstream_module
from petition.errors import UpstreamError
from petition.model import JsonValue
from petition.upstream import MAX_ANSWER_BYTES, Answer, send
from tests.integration.sessions.scripted import Upstream, says, upstream

MANY = b"1" * (MAX_ANSWER_BYTES + 1)


@pytest.fixture(autouse=True)
def server() -> Iterator[Upstream]:
    upstream_module.client.cache_clear()
    with upstream(says(200, b"1")) as found:
        yield found
        upstream_module.client().close()
    upstream_module.client.cache_clear()


def ask(url: str, body: JsonValue = None) -> Answer:
    return send("GET" if body is None else "POST", url, headers={}, seconds=5, repeatable=False, body=body)


def test_a_request_says_what_it_holds_and_what_it_takes(server: Upstream) -> None:
    ask(f"{server.url}/some?a=b%20c")
    ask(server.url, {"a": 1})
    (method, path, asked, _), (_, _, told, body) = server.requests
    assert (method, path, asked["host"]) == ("GET", "/some?a=b%20c", server.url.removeprefix("http://"))
    assert (asked["accept"], asked["accept-encoding"]) == ("application/json", "gzip")
    assert "content-length" not in asked
    assert (told["content-type"], told["content-length"], body) == ("application/json", "7", b'{"a":1}')


def test_an_answer_that_was_packed_is_unpacked(server: Upstream) -> None:
    server.answer = says(200, gzip.compress(b"[1]"), Content_Encoding="GZIP")
    assert ask(server.url).content == b"[1]"


def test_the_longest_answer_is_read(server: Upstream) -> None:
    server.answer = says(200, MANY[1:])
    assert len(ask(server.url).content) == MAX_ANSWER_BYTES
    server.answer = says(200, gzip.compress(MANY[1:]), Content_Encoding="gzip")
    assert len(ask(server.url).content) == MAX_ANSWER_BYTES


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


@pytest.mark.parametrize(
    ("url", "host"),
    [("http://[::1]:8055/x", "[::1]:8055"), ("https://a.example/x", "a.example"), ("https://u:p@b.org", "b.org")],
)
def test_a_host_is_named_as_in_the_address(url: str, host: str) -> None:
    assert upstream_module._place(url)[1] == host
