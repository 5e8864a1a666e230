"""A connection on which more has come than the reply is not used again: the rest would be taken for the next reply."""

import socket
import threading
from collections.abc import Iterator

import pytest
from redis import RedisError

from petition.clients import redis
from tests.integration.lambda_process import forget

REPLY, REST = b"+OK\r\n", b"+wrong\r\n"


class Server:
    """Answers each command rightly, and says one thing more: at once, or when it is told to."""

    def __init__(self, *, at_once: bool) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._at_once = at_once
        self.connections: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._listener.getsockname()[1]}"

    def say_more(self) -> None:
        if not self._at_once:
            self.connections[-1].sendall(REST)

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # closed
                return
            self.connections.append(connection)
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            while connection.recv(1 << 16):
                connection.sendall(REPLY + REST * self._at_once)


@pytest.fixture(params=[True, False], ids=["with the reply", "after it"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server(at_once=request.param)
    monkeypatch.setenv("REDIS_URL", server.url)
    forget()
    yield server
    forget()
    server.close()


def test_it_is_closed_before_the_next_command(server: Server) -> None:
    assert redis.connection().get("one") == "OK"
    server.say_more()
    assert redis.connection().get("other") == "OK"
    assert len(server.connections) == 2


def test_in_a_pipeline_too(server: Server) -> None:
    assert redis.run([("GET", "one")]) == ["OK"]
    server.say_more()
    assert redis.run([("GET", "other")]) == ["OK"]
    assert len(server.connections) == 2


def test_where_signing_in_leaves_a_rest_there_is_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(at_once=True)
    monkeypatch.setenv("REDIS_URL", server.url.replace("//", "//:made-up@"))
    forget()
    with pytest.raises(RedisError):
        redis.connection().get("one")
    forget()
    server.close()
