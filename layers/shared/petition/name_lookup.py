"""Looking up the addresses of a host within a time. `getaddrinfo` itself waits long for a silent name server."""

import socket
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread

type Address = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
type AddressInfo = tuple[socket.AddressFamily, socket.SocketKind, int, str, Address]


def find_addresses(host: str, port: int, *, seconds: float) -> Sequence[AddressInfo]:
    """The addresses of a host, for stream sockets.

    Raises:
        TimeoutError: no name server answers in time.
        OSError: there is no such host.
        UnicodeError: the name cannot be one.
    """
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:  # a name
        return _call_within(seconds, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


def _call_within[Result](seconds: float, call: Callable[[], Result]) -> Result:
    """Call in another thread, which is left behind where it takes longer."""
    outcomes: SimpleQueue[Result | Exception] = SimpleQueue()

    def attempt() -> None:
        try:
            outcomes.put(call())
        except (OSError, UnicodeError) as error:
            outcomes.put(error)

    Thread(target=attempt, daemon=True).start()
    try:
        outcome = outcomes.get(timeout=max(seconds, 0))
    except Empty:
        raise TimeoutError from None
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
