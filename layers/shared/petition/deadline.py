"""The time limits of a request, of a call to an upstream, and of each wait on its connection.

A socket limits each single wait: an answer that arrives byte by byte never ends. On a `DeadlineSocket` each wait
takes at most what is left of the call.
"""

import math
import socket
import ssl
import threading
import time
from collections.abc import Buffer, Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Protocol

from petition.errors import UpstreamTimeout

# Reserved for turning a late failure into an answer before Lambda ends the process.
RESERVE_SECONDS = 0.5
# The limit for the answers to one call: twice as much as any that can be passed on.
MAX_RECEIVED_BYTES = 32 * 1024 * 1024

type SocketAddress = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
type AddressInfo = tuple[socket.AddressFamily, socket.SocketKind, int, str, SocketAddress]


class LambdaContext(Protocol):
    """The part of the Lambda context that is used here."""

    @property
    def aws_request_id(self) -> str:
        """The invocation's id."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the invocation."""


class Deadline:
    """The moment by which an answer must be on its way."""

    def __init__(self, seconds: float) -> None:
        """Start a deadline of so many seconds from now."""
        self._end = time.monotonic() + seconds

    @classmethod
    def of(cls, context: LambdaContext) -> "Deadline":
        """Make a deadline from the invocation's, less what it takes to answer."""
        return cls(context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS)

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self._end

    def within(self, seconds: float) -> float:
        """Return the time-out for one outside call: at most `seconds`, and never past the deadline.

        Raises:
            UpstreamTimeout: no time is left for a call.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise UpstreamTimeout
        return min(seconds, left)


class _Call(threading.local):
    end = math.inf


_call = _Call()


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Limit all waits of this thread in a block to so many seconds in total, or to what is left of an outer limit.

    It applies to the waits of `connect` and of a `DeadlineSocket`: all connections to upstreams and to Redis.
    """
    outer = _call.end
    _call.end = min(outer, time.monotonic() + seconds)
    try:
        yield
    finally:
        _call.end = outer


def limit_wait(seconds: float | None) -> float:
    """Return the time-out for one wait: at most `seconds`, and never past the innermost `time_limit`.

    Raises:
        TimeoutError: no time is left to wait.
    """
    left = _call.end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left if seconds is None else min(seconds, left)


class DeadlineSocket(socket.socket):
    """A socket whose every wait ends with the call's time limit. What one call receives is limited too.

    Its own time-out is changed only if less than that is left of the call: each change is a system call.
    """

    _received = 0

    def send(self, data: Buffer, flags: int = 0) -> int:
        """Send a part of a call."""
        self._received, longest = 0, self.gettimeout()
        if (seconds := limit_wait(longest)) != longest:
            self.settimeout(seconds)
        try:
            return super().send(data, flags)
        finally:
            if seconds != longest:
                self.settimeout(longest)

    def sendall(self, data: Buffer, flags: int = 0) -> None:
        """Send a call."""
        rest = memoryview(data)
        while rest:
            rest = rest[self.send(rest, flags) :]

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Receive a part of the answer."""
        longest = self.gettimeout()
        if (seconds := limit_wait(longest)) != longest:
            self.settimeout(seconds)
        try:
            content = super().recv(buflen, flags)
        finally:
            if seconds != longest:
                self.settimeout(longest)
        self._received += len(content)
        if self._received > MAX_RECEIVED_BYTES:
            raise ConnectionError
        return content


class DeadlineTlsSocket(DeadlineSocket, ssl.SSLSocket):
    """The same over TLS: an SSLContext's `sslsocket_class`."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - ssl's
        """Agree on keys."""
        longest = self.gettimeout()
        self.settimeout(limit_wait(longest))
        super().do_handshake(block)
        self.settimeout(longest)


def connect(host: str, port: int, *, seconds: float | None) -> DeadlineSocket:
    """Connect to the first of a host's addresses that answers.

    Each address gets `seconds`, and all together what is left of the call. Python would give each the whole time.

    Raises:
        TimeoutError: no name server, or none of the addresses, answers in time.
        OSError: there is no such host, or it refuses the connection.
        UnicodeError: the name is invalid.
    """
    failure: OSError = ConnectionError("the host has no address")
    for family, kind, protocol, _, address in _find_addresses(host, port, limit_wait(seconds)):
        opened = DeadlineSocket(family, kind, protocol)
        try:
            opened.settimeout(limit_wait(seconds))
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened.connect(address)
        except OSError as error:
            opened.close()
            failure = error
        else:
            return opened
    raise failure


def _find_addresses(host: str, port: int, seconds: float) -> Sequence[AddressInfo]:
    """Find the addresses of a host within a time: `getaddrinfo` itself waits long for a silent name server."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:  # a name
        return _call_within(seconds, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


def _call_within[Result](seconds: float, call: Callable[[], Result]) -> Result:
    """Call in another thread, which is abandoned if it takes longer."""
    outcome: Future[Result] = Future()

    def attempt() -> None:
        try:
            outcome.set_result(call())
        except (OSError, UnicodeError) as error:
            outcome.set_exception(error)

    threading.Thread(target=attempt, daemon=True).start()
    return outcome.result(timeout=seconds)
