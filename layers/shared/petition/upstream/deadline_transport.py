"""Connections on which a whole call is over in time.

httpcore bounds each wait by itself: connecting, the TLS handshake, each piece of an answer. They add up, and an answer
in drops never ends. Here each wait lasts at most for what is left of the call.
https://www.encode.io/httpcore/network-backends/
"""

import math
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore

type SocketOptions = Iterable[httpcore.SOCKET_OPTION]


class _Call(threading.local):
    end = math.inf


_call = _Call()


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Whatever this thread waits for in a block is over after so many seconds."""
    _call.end = time.monotonic() + seconds
    try:
        yield
    finally:
        _call.end = math.inf


def _left(timeout: float | None, late: type[httpcore.TimeoutException]) -> float | None:
    left = _call.end - time.monotonic()
    if left <= 0:
        raise late
    seconds = left if timeout is None else min(timeout, left)
    return None if seconds == math.inf else seconds


def _addresses(host: str, port: int) -> Iterator[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError(error) from error
    return (str(address[0]) for *_, address in found)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, seconds))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's signature
        return self._stream.get_extra_info(info)


class BoundedBackend(httpcore.SyncBackend):
    """httpcore's own, with waits that `bounded` bounds."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of a host's addresses that answers: each in its time, all in what is left of the call.

        Python itself would give each the whole of it. Looking up the name heeds no time-out.
        """
        failure: Exception = httpcore.ConnectError("the host has no address")
        for address in _addresses(host, port):
            seconds = _left(timeout, httpcore.ConnectTimeout)
            try:
                return _Stream(super().connect_tcp(address, port, seconds, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure
