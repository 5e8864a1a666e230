"""The local AWS as far away as the real one: each of its answers comes 10 ms late."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

from local.state import HOST

DELAY_SECONDS: Final = 0.010


@contextmanager
def slow_aws(url: str) -> Iterator[str]:
    """The address of a proxy to `url` that holds each answer back."""
    target = urlsplit(url)

    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((target.hostname, target.port)) as server:
                exchange = _Exchange(self.request, server)
                answers = threading.Thread(target=exchange.pass_answers_on, daemon=True)
                answers.start()
                exchange.pass_requests_on()
                answers.join()

    with _Server((HOST, 0), Connection) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        try:
            yield f"http://{HOST}:{proxy.server_address[1]}"
        finally:
            proxy.shutdown()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64


class _Exchange:
    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self._client = client
        self._server = server
        self._is_asked = False
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def pass_requests_on(self) -> None:
        """Until the client has no more."""
        while piece := self._client.recv(1 << 16):
            self._is_asked = True
            self._server.sendall(piece)
        self._server.shutdown(socket.SHUT_WR)

    def pass_answers_on(self) -> None:
        """Until the server has no more; the first piece after a request waits."""
        while piece := self._server.recv(1 << 16):
            if self._is_asked:
                time.sleep(DELAY_SECONDS)
                self._is_asked = False
            self._client.sendall(piece)
        self._client.shutdown(socket.SHUT_WR)
