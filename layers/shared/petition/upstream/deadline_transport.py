"""The connections to upstreams, with a time limit for a whole call.

httpcore limits each single wait: connecting, the TLS handshake, each piece of an answer. They add up. Here each wait
takes at most what is left of the call, as its sockets are `DeadlineSocket`s.
https://www.encode.io/httpcore/network-backends/
"""

import logging
import ssl
import time
import zlib
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import NamedTuple

import certifi
import httpcore
from httpcore._backends.sync import SyncStream

from petition.deadline import DeadlineTlsSocket, connect, time_limit
from petition.errors import UpstreamError, UpstreamTimeout
from petition.process_singleton import process_singleton

# Load balancers keep an idle connection for 60 s and more. The library's own 5 s would cost a person who pauses at a
# clipboard a TLS handshake each time.
IDLE_SECONDS = 50.0
# A connection that died while the execution environment slept fails at once. A later failure has another cause.
DEAD_AFTER_SECONDS = 1.0
# A host behind a firewall that drops packets never answers, however long the call may take.
CONNECT_SECONDS = 2.0
DEAD = (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError)
# UnicodeError: the host's name is invalid.
FAILED = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, UnicodeError)
# At DEBUG it logs headers, and with them keys and tokens.
logging.getLogger("httpcore").setLevel(logging.INFO)

# More could not be passed on: Lambda's own answers are 6 MB at most.
MAX_BYTES = 16 * 1024 * 1024
GZIP_WINDOW = 31  # tells zlib to expect a gzip header
# The statuses of a busy upstream, and how long a caller waits if the upstream does not say.
BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
BUSY_RETRY_AFTER_SECONDS = 5

type Headers = Sequence[tuple[bytes, bytes]]
type SocketOptions = Iterable[httpcore.SOCKET_OPTION]


class UrlParts(NamedTuple):
    """A URL in the parts that httpcore takes."""

    scheme: bytes
    host: bytes
    port: int | None
    target: bytes


class Answer(NamedTuple):
    """What an upstream answered, decompressed."""

    status: int
    headers: Headers
    content: bytes


class DeadlineConnections:
    """A pool of kept connections. They speak HTTP/1.1: idle HTTP/2 connections are lost (supabase-py#1064)."""

    def __init__(self) -> None:
        context = ssl.create_default_context(cafile=certifi.where())
        context.sslsocket_class = DeadlineTlsSocket
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=_DeadlineBackend(),
        )

    def send(self, method: str, url: UrlParts, headers: Headers, content: bytes, *, seconds: float) -> Answer:
        """Send a request and read the whole answer.

        A request whose connection turns out to be dead is sent once more, within the same time. So it must be harmless
        to repeat.

        Args:
            method: e.g. "POST".
            url: where to connect, and what to ask for there.
            headers: all of them, `Host` and `Content-Length` included.
            content: the body.
            seconds: for the whole call, from connecting to the end of the answer.

        Raises:
            UpstreamTimeout: there is no whole answer in time.
            UpstreamError: the upstream cannot be reached, breaks off, or answers at too great a length or in bad gzip.
        """
        if not url.host:
            # Connecting to an empty host would be connecting to this machine.
            raise UpstreamError
        waits = dict.fromkeys(("read", "write", "pool"), seconds) | {"connect": min(seconds, CONNECT_SECONDS)}
        try:
            target = httpcore.URL(scheme=url.scheme, host=url.host, port=url.port, target=url.target)
            request = httpcore.Request(method, target, headers=headers, content=content, extensions={"timeout": waits})
            with time_limit(seconds):
                began = time.monotonic()
                try:
                    return self._exchange(request)
                except DEAD:
                    if time.monotonic() - began > DEAD_AFTER_SECONDS:
                        raise
                    return self._exchange(request)
        except httpcore.TimeoutException as error:
            raise UpstreamTimeout from error
        except FAILED as error:
            raise UpstreamError from error

    def close(self) -> None:
        """Close the connections. The next request opens new ones."""
        self._pool.close()

    def _exchange(self, request: httpcore.Request) -> Answer:
        response = self._pool.handle_request(request)
        try:
            content = read_content(response)
            # A connection that received more than the answer is closed: the next request would take the rest for its
            # own answer. httpcore checks for what arrives later, but not for what it has already received.
            parser = response.stream._stream._connection._h11_state  # type: ignore[union-attr]  # noqa: SLF001 - the only way there
            if parser.trailing_data[0]:
                response.extensions["network_stream"].close()
        finally:
            response.close()
        return Answer(response.status, response.headers, content)


@process_singleton
def connections() -> DeadlineConnections:
    """Return the process's connections."""
    return DeadlineConnections()


def read_content(response: httpcore.Response) -> bytes:
    """Read the whole body of an answer. Supabase's network compresses long ones with gzip.

    Raises:
        UpstreamError: it is over `MAX_BYTES` long, compressed or not, or cannot be decompressed.
    """
    pieces, size = [], 0
    for piece in response.iter_stream():
        pieces.append(piece)
        size += len(piece)
        if size > MAX_BYTES:
            raise UpstreamError
    content = b"".join(pieces)
    encodings = [value.lower() for name, value in response.headers if name.lower() == b"content-encoding"]
    return _decompress(content) if encodings == [b"gzip"] else content


def _decompress(content: bytes) -> bytes:
    decompressor = zlib.decompressobj(GZIP_WINDOW)
    try:
        decompressed = decompressor.decompress(content, MAX_BYTES)
    except zlib.error as error:
        raise UpstreamError from error
    if content and not decompressor.eof:
        raise UpstreamError
    return decompressed


class _DeadlineBackend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - httpcore's signature
        socket_options: SocketOptions | None = None,  # noqa: ARG002 - as above
    ) -> httpcore.NetworkStream:
        """Connect, within what is left of the call."""
        try:
            return SyncStream(connect(host, port, seconds=timeout))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            raise httpcore.ConnectError(error) from error
