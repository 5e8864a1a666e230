"""A way to the server that can lose a connection without a word, as a firewall does with one that was idle."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

HOST = "127.0.0.1"
CHUNK = 1 << 16


class TcpProxy:
    """Hands on what comes to its port.

    Attributes:
        connections: how many connections it was reached through.
    """

    def __init__(self, listener: socket.socket, port: int) -> None:
        self.port = listener.getsockname()[1]
        self.connections = 0
        self._listener = listener
        self._inside = port
        self._lost = threading.Event()

    def lose_connections(self) -> None:
        """From now on, nothing passes through the connections that are open; new ones are not affected."""
        self._lost.set()
        self._lost = threading.Event()

    def serve(self, over: threading.Event) -> None:
        """Take connections until it is over."""
        while not over.is_set():
            with suppress(TimeoutError):
                client, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._hand_on, args=(client, self._lost), daemon=True).start()

    def _hand_on(self, client: socket.socket, lost: threading.Event) -> None:
        """A request and its replies at a time, as the commands of a check come."""
        client.settimeout(2)
        with suppress(OSError), client, socket.create_connection((HOST, self._inside), timeout=2) as server:
            while request := client.recv(CHUNK):
                if not lost.is_set():
                    server.sendall(request)
                    client.sendall(server.recv(CHUNK))


@contextmanager
def tcp_proxy(port: int) -> Iterator[TcpProxy]:
    """A way to a port of this machine, for the length of a block."""
    with socket.create_server((HOST, 0)) as listener:
        listener.settimeout(0.05)
        opened, over = TcpProxy(listener, port), threading.Event()
        thread = threading.Thread(target=opened.serve, args=[over])
        thread.start()
        try:
            yield opened
        finally:
            over.set()
            thread.join()
