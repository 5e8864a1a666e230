"""The HTTP client of the process. Every call to an upstream goes through it, and fails with an error of the contract.

httpx itself has no time limit for a whole call, does not resend what a dead connection lost, and reads answers of any
length. The transport here adds that, and turns failures into errors, so that no caller has to.
"""

import logging
from collections.abc import Callable, Collection, Generator, Mapping
from functools import lru_cache
from http import HTTPStatus
from types import MappingProxyType

import httpx
import msgspec

from petition.deadline import time_limit
from petition.errors import UpstreamBusy, UpstreamError
from petition.process_singleton import process_singleton
from petition.upstream.deadline_transport import BUSY, BUSY_RETRY_AFTER_SECONDS, UrlParts, connections
from petition.validation import JsonValue

MAX_RETRY_AFTER_SECONDS = 300
# For a call that sets no limit of its own. API Gateway waits no longer.
MAX_SECONDS = 30.0
# Searches use one URL all day, and parsing it is a sixth of what httpx does above the transport.
_parse_url = lru_cache(maxsize=64)(httpx.URL)
NOTHING = httpx.ByteStream(b"")
HEADERS_OF_COMPRESSION = frozenset({b"content-encoding", b"content-length"})
HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": f"python-httpx/{httpx.__version__}",
}
# At INFO it logs each request's URL.
logging.getLogger("httpx").setLevel(logging.WARNING)

type Auth = httpx.Auth
type Response = httpx.Response


@process_singleton
def http_client() -> httpx.Client:
    """Return the process's client, with its connections.

    It takes nothing from the environment (proxies, .netrc), keeps no upstream's cookies, follows no redirects, and
    ignores credentials in a URL: a secret goes only to its service.
    """
    return _CookielessClient(
        auth=httpx.Auth(),
        headers=HEADERS,
        timeout=MAX_SECONDS,
        transport=Transport(),
        trust_env=False,
    )


class _NoCookies(httpx.Cookies):
    def extract_cookies(self, response: httpx.Response) -> None:
        """Keep no cookie."""


class _CookielessClient(httpx.Client):
    """Does not look for cookies in an answer: that is two fifths of what httpx does above the transport."""

    cookies = _NoCookies()  # type: ignore[override]  # nobody may set any


class Transport(httpx.BaseTransport):
    """Sends requests on kept connections. A request's time-out is for the whole call."""

    def __init__(self) -> None:
        self._connections = connections()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read the whole answer.

        A refusal (4xx) and a failure of the service itself (500) are answers: the caller reads the reason in them.

        Raises:
            UpstreamTimeout: there is no whole answer in time.
            UpstreamBusy: the upstream says 429 or 503.
            UpstreamError: it cannot be reached, breaks off, answers at too great a length, redirects (3xx), or
                what is in front of it fails (501 and above).
        """
        url, seconds = request.url, request.extensions["timeout"]["read"]
        parts = UrlParts(url.raw_scheme, url.raw_host, url.port, url.raw_path)
        answer = self._connections.send(request.method, parts, request.headers.raw, request.read(), seconds=seconds)
        # The content is already decompressed.
        headers = [(name, value) for name, value in answer.headers if name.lower() not in HEADERS_OF_COMPRESSION]
        response = httpx.Response(answer.status, headers=headers, stream=NOTHING)
        # Set as if it had been read: httpx would look for an encoding, and read it piece by piece.
        response._content = answer.content  # noqa: SLF001 - see above
        if response.status_code in BUSY:
            raise UpstreamBusy(retry_after=_read_retry_after(response))
        if response.is_redirect or response.status_code > HTTPStatus.INTERNAL_SERVER_ERROR:
            raise UpstreamError
        return response

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()


class RotatingAuth(httpx.Auth):
    """Sends a secret, and if it is refused and was rotated, repeats the request with the new one."""

    def __init__(
        self,
        headers: Callable[[], Mapping[str, str]],
        renew: Callable[[], bool],
        *,
        refusals: Collection[int] = (HTTPStatus.UNAUTHORIZED,),
    ) -> None:
        """Take a function that makes the headers with the current secret, and one that renews it if it was rotated."""
        self._headers = headers
        self._renew = renew
        self._refusals = refusals

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Send the request once, or twice."""
        request.headers.update(self._headers())
        response = yield request
        if response.status_code in self._refusals and self._renew():
            request.headers.update(self._headers())
            yield request


def send_request(
    method: str,
    url: str,
    *,
    seconds: float,
    headers: Mapping[str, str] = MappingProxyType({}),
    json: JsonValue = None,
    auth: httpx.Auth | None = None,
) -> httpx.Response:
    """Ask an upstream. It must be harmless to ask twice: see `DeadlineConnections.send`.

    Args:
        method: e.g. "POST".
        url: absolute.
        seconds: for the whole call, including what `auth` repeats.
        headers: besides those of every request.
        json: the body.
        auth: what adds a secret.

    Raises:
        UpstreamTimeout, UpstreamBusy, UpstreamError: as `Transport`; the last also if the URL is invalid or a header
            cannot be sent.
    """
    client = http_client()
    try:
        with time_limit(seconds):
            request = _build_request(method, _parse_url(url), headers, json, seconds)
            return client.send(request, auth=auth or client.auth)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise UpstreamError from error


def _build_request(
    method: str, url: httpx.URL, headers: Mapping[str, str], json: JsonValue, seconds: float
) -> httpx.Request:
    """Build a complete request: with a `stream`, httpx adds and merges nothing (8 us; its client takes 29)."""
    content = b"" if json is None else msgspec.json.encode(json)
    body = {} if json is None else {"Content-Type": "application/json", "Content-Length": str(len(content))}
    return httpx.Request(
        method,
        url,
        headers={"Host": url.netloc.decode(), **HEADERS, **body, **headers},
        stream=httpx.ByteStream(content),
        extensions={"timeout": {"read": seconds}},
    )


def read_json[Value](response: httpx.Response, kind: type[Value]) -> Value:
    """Decode the JSON of a successful answer; None for one without a body.

    Raises:
        UpstreamError: the answer is not a success, or not JSON of that kind.
    """
    if not response.is_success:
        raise UpstreamError
    try:
        return msgspec.json.decode(response.content or b"null", type=kind)
    except (ValueError, RecursionError):
        raise UpstreamError from None


def _read_retry_after(response: httpx.Response) -> int:
    """Return how many seconds to wait: what the upstream says, if that is a sane number."""
    try:
        return min(max(int(response.headers["retry-after"]), 1), MAX_RETRY_AFTER_SECONDS)
    except (KeyError, ValueError):
        return BUSY_RETRY_AFTER_SECONDS
