"""A pool of Redis connections that outlives a rotated password."""

from collections.abc import Callable
from typing import Any

from redis import AuthenticationError, ConnectionPool
from redis.connection import Connection

from petition.clients.redis_connection import connection_class

# What a URL says, and a new one may leave out.
PLACE = frozenset({"host", "port", "db", "username", "password", "connection_class"})


class RenewingPool(ConnectionPool):
    """Signs in anew, elsewhere if need be, where Redis refuses the password and there is another one.

    That is done where a connection is handed out, so that no command notices.
    """

    renewed_url: Callable[[], str | None] | None = None
    """What to ask for another URL, once the present one was refused; None where there is none."""

    def get_connection(self, *arguments: Any, **options: Any) -> Connection:  # noqa: ANN401 - redis-py's, passed on
        """A connection that is signed in.

        Raises:
            redis.AuthenticationError: the password is refused, and there is no other.
        """
        try:
            return super().get_connection(*arguments, **options)
        except AuthenticationError:
            url = self.renewed_url() if self.renewed_url else None
            if url is None:
                raise
            self._move_to(url)
            return super().get_connection(*arguments, **options)

    def _move_to(self, url: str) -> None:
        known = {name: value for name, value in self.connection_kwargs.items() if name not in PLACE}
        there = ConnectionPool.from_url(url, connection_class=connection_class(url), **known)
        self.connection_class, self.connection_kwargs = there.connection_class, there.connection_kwargs
        self.reset()
