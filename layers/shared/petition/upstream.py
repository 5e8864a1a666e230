"""One HTTP call to an upstream, and its failures as the contract's errors."""

import time
from collections.abc import Iterator
from http import HTTPStatus

import httpx
import msgspec

from petition.errors import UpstreamBusy, UpstreamError, UpstreamTimeout
from petition.warm import kept

BUSY_RETRY_AFTER_SECONDS = 5
MAX_RETRY_AFTER_SECONDS = 300
# Load balancers keep an idle connection for 60 s and more. The client's own 5 s would cost a person who pauses at a
# clipboard a TLS handshake each time.
IDLE_SECONDS = 50.0
# A connection that died while the environment slept is found out at once.
DEAD_AFTER_SECONDS = 1.0


class _Bounded(httpx.SyncByteStream):
    """A body that must have come by a moment: httpx bounds the wait for each piece, so that a drip never ends."""

    def __init__(self, stream: httpx.SyncByteStream, end: float) -> None:
        self._stream = stream
        self._end = end

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._stream:
            if time.monotonic() > self._end:
                raise httpx.ReadTimeout("the answer does not end")
            yield piece

    def close(self) -> None:
        self._stream.close()


class _Transport(httpx.HTTPTransport):
    """HTTP/1.1, where a request's read time-out is for the whole of the answer's body too."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        end = time.monotonic() + request.extensions["timeout"]["read"]
        response = super().handle_request(request)
        response.stream = _Bounded(response.stream, end)  # type: ignore[arg-type]  # a sync transport's is sync
        return response


@kept
def client() -> httpx.Client:
    """The process's HTTP client: HTTP/1.1, since over HTTP/2 idle connections are lost (supabase-py#1064).

    Redirects are not followed and proxies of the environment not used: a secret goes to its service alone.
    """
    transport = _Transport(trust_env=False, limits=httpx.Limits(keepalive_expiry=IDLE_SECONDS))
    return httpx.Client(trust_env=False, transport=transport)


def send(request: httpx.Request, *, repeatable: bool) -> httpx.Response:
    """Send a request that `client().build_request()` made.

    Args:
        request: with its own time-out.
        repeatable: whether doing it twice does no harm, so that it is sent once more where a kept connection turns out
            to be dead: it died while the environment slept.

    Raises:
        UpstreamTimeout, UpstreamError: the upstream does not answer in time, or cannot be reached.
    """
    try:
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
        # Later it is another failure, and twice the time-out would pass the deadline.
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
