"""One HTTP call to an upstream, and its failures as the contract's errors.

It is made with httpcore, which is what httpx sends its requests with. What httpx adds for programs that browse, such as
cookies, redirects, proxies and character sets, is not wanted here, and takes as long as the rest of it.
"""

import logging
import ssl
import time
import zlib
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

import certifi
import httpcore
import msgspec

from petition.errors import UpstreamBusy, UpstreamError, UpstreamTimeout
from petition.process_singleton import process_singleton
from petition.upstream.deadline_transport import BoundedBackend, bounded
from petition.validation import JsonValue

BUSY_RETRY_AFTER_SECONDS = 5
MAX_RETRY_AFTER_SECONDS = 300
# More than any answer that could be passed on: Lambda's own are 6 MB at most.
MAX_ANSWER_BYTES = 16 * 1024 * 1024
# Load balancers keep an idle connection for 60 s and more. The client's own 5 s would cost a person who pauses at a
# clipboard a TLS handshake each time.
IDLE_SECONDS = 50.0
# A connection that died while the environment slept is found out at once; later it is another failure.
DEAD_AFTER_SECONDS = 1.0
# A host that a firewall swallows is away, whatever it may be asked for.
CONNECT_SECONDS = 2.0
HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "Content-Type": "application/json"}
DEAD = (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError)
# The last is a host's name that cannot be one, or a header that is no text.
FAILED = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, zlib.error, UnicodeError)
GZIP = 31  # zlib's name for it
# At DEBUG it logs headers, and with them keys and tokens.
logging.getLogger("httpcore").setLevel(logging.INFO)


class Answer(NamedTuple):
    """What an upstream answered; the names of its headers are in lower case."""

    status: int
    headers: Mapping[bytes, bytes]
    content: bytes

    @property
    def is_success(self) -> bool:
        """Whether it did what was asked. Redirects are not followed: a secret goes to its service alone."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


@process_singleton
def client() -> httpcore.ConnectionPool:
    """The process's connections: HTTP/1.1, since over HTTP/2 idle ones are lost (supabase-py#1064)."""
    return httpcore.ConnectionPool(
        ssl_context=ssl.create_default_context(cafile=certifi.where()),
        keepalive_expiry=IDLE_SECONDS,
        network_backend=BoundedBackend(),
    )


def send(
    method: str, url: str, *, headers: Mapping[str, str], seconds: float, repeatable: bool, body: JsonValue = None
) -> Answer:
    """Ask an upstream.

    Args:
        method: e.g. "POST".
        url: absolute.
        headers: besides those of every request.
        seconds: for the whole call, from connecting to the end of the answer.
        repeatable: whether doing it twice does no harm, so that it is sent once more where a kept connection turns out
            to be dead: it died while the environment slept. Both are within the request's time.
        body: sent as JSON.

    Raises:
        UpstreamTimeout, UpstreamError: the upstream does not answer in time, or cannot be reached.
    """
    try:
        request = _request(method, url, headers, seconds, body)
        with bounded(seconds):
            return _sent(request, repeatable=repeatable)
    except httpcore.TimeoutException as error:
        raise UpstreamTimeout from error
    except FAILED as error:
        raise UpstreamError from error


def _request(method: str, url: str, headers: Mapping[str, str], seconds: float, body: JsonValue) -> httpcore.Request:
    timeouts = dict.fromkeys(("read", "write", "pool"), seconds) | {"connect": min(seconds, CONNECT_SECONDS)}
    place, host = _place(url)
    lines = {"Host": host, **HEADERS, **headers}
    content = b""
    if body is not None:
        content = msgspec.json.encode(body)
        lines["Content-Length"] = str(len(content))
    return httpcore.Request(
        method,
        place,
        headers=[(name.encode(), value.encode()) for name, value in lines.items()],
        content=content,
        extensions={"timeout": timeouts},
    )


@lru_cache(maxsize=64)
def _place(url: str) -> tuple[httpcore.URL, str]:
    """Where to connect and what to ask for there, and the host's name in a request: few are asked for."""
    try:
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        place = httpcore.URL(scheme=parts.scheme, host=parts.hostname or "", port=parts.port, target=target)
    except (TypeError, ValueError) as error:  # not ASCII, or a port that is no number
        raise UpstreamError from error
    if not place.host:
        # Connecting to no host at all would be connecting to this machine.
        raise UpstreamError
    return place, parts.netloc.rpartition("@")[2]


def _sent(request: httpcore.Request, *, repeatable: bool) -> Answer:
    began = time.monotonic()
    try:
        return _answer(request)
    except DEAD:
        if not repeatable or time.monotonic() - began > DEAD_AFTER_SECONDS:
            raise
        return _answer(request)


def _answer(request: httpcore.Request) -> Answer:
    response = client().handle_request(request)
    try:
        headers = {name.lower(): value for name, value in response.headers}
        content = _content(response)
    finally:
        response.close()
    packed = headers.get(b"content-encoding", b"").lower() == b"gzip"
    return Answer(response.status, headers, _unpacked(content) if packed else content)


def _content(response: httpcore.Response) -> bytes:
    parts, size = [], 0
    for part in response.iter_stream():
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            raise UpstreamError
        parts.append(part)
    return b"".join(parts)


def _unpacked(content: bytes) -> bytes:
    """What was packed with gzip, as Supabase's network does."""
    unpacking = zlib.decompressobj(GZIP)
    whole = unpacking.decompress(content, MAX_ANSWER_BYTES)
    if content and not unpacking.eof:
        raise UpstreamError
    return whole


def json_of[Value](answer: Answer, kind: type[Value]) -> Value:
    """The value of a successful answer, from its JSON; None for one without a body.

    Raises:
        UpstreamBusy, UpstreamError: the upstream is busy, failed, or did not answer with JSON of that kind.
    """
    if answer.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        raise UpstreamBusy(retry_after=retry_after(answer))
    if not answer.is_success:
        raise UpstreamError
    try:
        return msgspec.json.decode(answer.content or b"null", type=kind)
    except (ValueError, RecursionError):
        raise UpstreamError from None


def retry_after(answer: Answer) -> int:
    """Seconds: the upstream's own word where it is a sane number."""
    try:
        return min(max(int(answer.headers[b"retry-after"]), 1), MAX_RETRY_AFTER_SECONDS)
    except (KeyError, ValueError):
        return BUSY_RETRY_AFTER_SECONDS
