"""A call over TLS is over in time, too."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import certifi
import pytest

from petition.errors import UpstreamTimeout
from petition.upstream.client import send_request
from petition.upstream.deadline_transport import connections
from tests.integration.duplicate.tls import certificate
from tests.integration.lambda_process import close_connections
from tests.integration.sessions.scripted import FAULT_SECONDS, gives_up

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"


def drip(listener: socket.socket, context: ssl.SSLContext, over: threading.Event) -> None:
    """Answer one request byte by byte."""
    client, _ = listener.accept()
    with suppress(OSError), context.wrap_socket(client, server_side=True) as secure:
        secure.recv(10_000)
        secure.sendall(HEAD)
        while not over.wait(0.05):
            secure.sendall(b"x")


def forget_connections() -> None:
    close_connections()
    connections.cache_clear()


@pytest.fixture
def slow_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a server whose answer lasts as long as the fault, and whose certificate is trusted."""
    pem, over = certificate(tmp_path), threading.Event()
    monkeypatch.setattr(certifi, "where", lambda: str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    forget_connections()  # those of this process know the usual authorities
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=drip, args=(listener, context, over), daemon=True).start()
        end = threading.Timer(FAULT_SECONDS, over.set)
        end.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/"
        end.cancel()
    over.set()
    forget_connections()


def test_an_answer_that_drips_over_tls_takes_no_longer_than_the_call(slow_url: str) -> None:
    with gives_up(), pytest.raises(UpstreamTimeout):
        send_request("GET", slow_url, seconds=0.5)
