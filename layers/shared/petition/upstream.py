"""One HTTP call to an upstream, and its failures as the contract's errors."""

import time
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus

import httpcore
import httpx
import msgspec

from petition.bounded import BoundedBackend, bounded
from petition.errors import UpstreamBusy, UpstreamError, UpstreamTimeout
from petition.model import JsonValue
from petition.warm import kept

BUSY_RETRY_AFTER_SECONDS = 5
MAX_RETRY_AFTER_SECONDS = 300
# Load balancers keep an idle connection for 60 s and more. The client's own 5 s would cost a person who pauses at a
# clipboard a TLS handshake each time.
IDLE_SECONDS = 50.0
# A connection that died while the environment slept is found out at once; later it is another failure.
DEAD_AFTER_SECONDS = 1.0
# A host that a firewall swallows is away, whatever it may be asked for.
CONNECT_SECONDS = 2.0
HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "Content-Type": "application/json"}


class _Transport(httpx.HTTPTransport):
    """HTTP/1.1, since over HTTP/2 idle connections are lost (supabase-py#1064), on connections that are bounded."""

    def __init__(self) -> None:
        # In place of the one that httpx makes, which takes no network backend.
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            keepalive_expiry=IDLE_SECONDS,
            network_backend=BoundedBackend(),
        )


@kept
def client() -> httpx.Client:
    """The process's HTTP client.

    Redirects are not followed and proxies of the environment not used: a secret goes to its service alone.
    """
    return httpx.Client(trust_env=False, transport=_Transport())


def request(
    method: str, url: str, *, headers: Mapping[str, str], seconds: float, body: JsonValue = None
) -> httpx.Request:
    """A request for `send`.

    Args:
        method: e.g. "POST".
        url: absolute.
        headers: besides those of every request.
        seconds: for the whole call, from connecting to the end of the answer.
        body: sent as JSON.

    Raises:
        UpstreamError: the URL is none.
    """
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), seconds)
    timeouts["connect"] = min(seconds, CONNECT_SECONDS)
    content = None if body is None else msgspec.json.encode(body)
    return httpx.Request(
        method, _parsed(url), headers={**HEADERS, **headers}, content=content, extensions={"timeout": timeouts}
    )


@lru_cache(maxsize=64)
def _parsed(url: str) -> httpx.URL:
    """Parsing takes longer than all else that makes a request, and few are asked for."""
    try:
        return httpx.URL(url)
    except httpx.InvalidURL as error:
        raise UpstreamError from error


def send(request: httpx.Request, *, repeatable: bool) -> httpx.Response:
    """Send a request.

    Args:
        request: made by `request`.
        repeatable: whether doing it twice does no harm, so that it is sent once more where a kept connection turns out
            to be dead: it died while the environment slept. Both are within the request's time.

    Raises:
        UpstreamTimeout, UpstreamError: the upstream does not answer in time, or cannot be reached.
    """
    try:
        with bounded(request.extensions["timeout"]["read"]):
            return _sent(request, repeatable=repeatable)
    except httpx.TimeoutException as error:
        raise UpstreamTimeout from error
    except httpx.HTTPError as error:
        raise UpstreamError from error


def _sent(request: httpx.Request, *, repeatable: bool) -> httpx.Response:
    began = time.monotonic()
    try:
        return client().send(request)
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
        if not repeatable or time.monotonic() - began > DEAD_AFTER_SECONDS:
            raise
        return client().send(request)


def json_of[Value](response: httpx.Response, kind: type[Value]) -> Value:
    """The value of a successful answer, from its JSON; None for one without a body.

    Raises:
        UpstreamBusy, UpstreamError: the upstream is busy, failed, or did not answer with JSON of that kind.
    """
    if response.status_code in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        raise UpstreamBusy(retry_after=retry_after(response))
    if not response.is_success:
        raise UpstreamError
    try:
        return msgspec.json.decode(response.content or b"null", type=kind)
    except (ValueError, RecursionError):
        raise UpstreamError from None


def retry_after(response: httpx.Response) -> int:
    """Seconds: the upstream's own word where it is a sane number."""
    try:
        return min(max(int(response.headers["retry-after"]), 1), MAX_RETRY_AFTER_SECONDS)
    except (KeyError, ValueError):
        return BUSY_RETRY_AFTER_SECONDS
