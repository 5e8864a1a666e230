"""What these tests act upon: a real Valkey, and a database whose every change is a new version."""

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from petition.auth.permissions import authorize
from petition.auth.session import Session
from petition.clients.redis import Command
from petition.deadline import Deadline
from tests.private_valkey import PrivateValkey

USER = "01a20728-9052-717c-aaa2-3a6dfb7658c9"
SESSION = Session(USER, expires=4e9)


def client(server: PrivateValkey) -> Redis:
    """A client with the settings of the layer's own."""
    return Redis(
        port=server.port,
        socket_timeout=0.5,
        socket_connect_timeout=0.5,
        retry=Retry(NoBackoff(), 1),
        decode_responses=True,
        protocol=2,
        driver_info=None,
    )


@dataclass
class Database:
    """What the SQL function reads: the user's one role names the version that was current at that moment.

    Attributes:
        meanwhile: called once while a load is under way: after it read, before it answers.
    """

    version: int = 0
    loads: int = 0
    permissions: list[str] = field(default_factory=lambda: ["voters:search"])
    failure: Exception | None = None
    meanwhile: Callable[[], object] | None = None

    def rpc[Value](self, name: str, arguments: dict[str, str], returns: type[Value], *, timeout: float) -> Value:
        """Stands in for `petition.clients.supabase.rpc`."""
        assert name == "permissions_snapshot"
        assert 0 < timeout <= 3
        self.loads += 1
        self.before_read()
        if self.failure:
            raise self.failure
        value = {
            "userId": arguments["user_id"],
            "roles": [str(self.version)],
            "permissions": self.permissions,
            "campaigns": {"*": self.permissions},
        }
        self.after_read()
        return msgspec.convert(value, returns)

    def before_read(self) -> None:
        """Called before it reads."""

    def after_read(self) -> None:
        """Called after it has read."""
        hook, self.meanwhile = self.meanwhile, None
        if hook:
            hook()


def ask_for_version(redis: Redis, *prefetch: Command) -> int:
    """Make a request, and return the version of the database that answered it."""
    found = authorize(SESSION, "voters:search", redis=redis, deadline=Deadline(10), prefetch=prefetch)
    assert found.permissions
    (role,) = found.permissions.roles
    return int(role)
