"""Connections to Redis with a time limit for a whole call and an age limit for the connection.

redis-py limits each single wait: a reply that arrives byte by byte never ends. After a failover it stays connected
to a server that has become a replica: writes fail for good, and reads see what that server has.
"""

import ssl
import time
from collections.abc import Callable
from typing import Any, Final, cast

from redis import Redis
from redis.client import Pipeline
from redis.connection import Connection, ConnectionInterface, ConnectionPool, SSLConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import InvalidResponse, MasterDownError, ReadOnlyError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from petition.deadline import DeadlineSocket, DeadlineTlsSocket, connect, time_limit

# Each is for one attempt, of which there are two.
CONNECT_SECONDS: Final = 0.5
ANSWER_SECONDS: Final = 0.5
# For both attempts together.
CALL_SECONDS: Final = 1.2
# For so long after a failure, commands that a request can do without are skipped.
SKIP_AFTER_FAILURE_SECONDS: Final = 2.0
# What a server answers after it became a replica: the call is repeated on a new connection.
DEMOTED: Final = (ReadOnlyError, MasterDownError)
# What redis-py raises on replies that no server sends. All are raised as `InvalidResponse`.
MALFORMED: Final = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)


class DeadlineConnection(Connection):
    """A connection in the clear."""

    def __init__(self, *arguments: Any, max_age_seconds: float, **options: Any) -> None:  # noqa: ANN401 - redis-py's
        """Take the age at which it is replaced: by then, the host's name leads to the new primary."""
        super().__init__(*arguments, **options)  # type: ignore[no-untyped-call]  # redis-py leaves it so
        self._max_age_seconds = max_age_seconds
        self._connected_at = 0.0

    @property
    def is_fit(self) -> bool:
        """Whether it is connected, not too old, and has no unread data, which would be taken for the next reply."""
        if not self.is_connected or time.monotonic() - self._connected_at > self._max_age_seconds:
            return False
        try:
            return not self.can_read()
        except RedisError:
            return False

    def _connect(self) -> DeadlineSocket:
        self._connected_at = time.monotonic()
        opened = connect(self.host, self.port, seconds=CONNECT_SECONDS)
        opened.settimeout(ANSWER_SECONDS)
        return opened


class DeadlineTlsConnection(DeadlineConnection, SSLConnection):
    """A connection over TLS."""

    def _connect(self) -> DeadlineSocket:
        context = ssl.create_default_context()
        if self.ca_certs:
            context.load_verify_locations(self.ca_certs)
        context.sslsocket_class = DeadlineTlsSocket
        opened = super()._connect()
        try:
            return cast("DeadlineTlsSocket", context.wrap_socket(opened, server_hostname=self.host))
        except OSError:
            opened.close()
            raise


class DeadlinePool(ConnectionPool):
    """redis-py's pool without the metrics and events around each loan, which are a quarter of a command's calls."""

    def get_connection(self, *_: object, **__: object) -> DeadlineConnection:
        """Lend a connection, connected again if it is not fit for use.

        Raises:
            RedisError: it cannot be connected, or the server sends something before it is asked.
        """
        with self._lock:
            free = self._available_connections
            connection = cast("DeadlineConnection", free.pop() if free else self.make_connection())
            self._in_use_connections.add(connection)
        try:
            if not connection.is_fit:
                connection.disconnect()  # type: ignore[no-untyped-call]  # redis-py leaves it so
                connection.connect()  # type: ignore[no-untyped-call]  # as above
                if connection.can_read():
                    raise RedisConnectionError  # noqa: TRY301 - it is taken back below
        except BaseException:
            self.release(connection)
            raise
        return connection

    def release(self, connection: ConnectionInterface) -> None:
        """Take a connection back."""
        with self._lock:
            self._in_use_connections.discard(connection)
            self._available_connections.append(connection)


def connection_class(url: str) -> type[DeadlineConnection]:
    """Return the class of connection that a URL asks for."""
    return DeadlineTlsConnection if url.startswith("rediss:") else DeadlineConnection


def read_bit(reply: object) -> int:
    """Check the reply to a yes-or-no command: redis-py takes any text for a yes.

    Raises:
        InvalidResponse: it is neither 0 nor 1.
    """
    if type(reply) is int and reply in {0, 1}:
        return reply
    raise InvalidResponse


class DeadlineRedis(Redis):
    """A client whose calls take `CALL_SECONDS` at most, and are repeated once after a failover."""

    _failed_at = float("-inf")

    @property
    def failed_recently(self) -> bool:
        """Whether Redis failed to answer a moment ago: what a request can do without is then not worth the wait."""
        return time.monotonic() - self._failed_at < SKIP_AFTER_FAILURE_SECONDS

    def call[Result](self, command: Callable[..., Result], *arguments: object, **options: object) -> Result:
        """Limit a command's time, and raise `InvalidResponse` for replies that break redis-py's parser.

        Raises:
            InvalidResponse: a reply does not fit the command.
        """
        try:
            with time_limit(CALL_SECONDS):
                return command(*arguments, **options)
        except (RedisConnectionError, RedisTimeoutError):
            self._failed_at = time.monotonic()
            raise
        except InvalidResponse:
            # Other replies may still be on the way.
            self.connection_pool.disconnect()
            raise
        except MALFORMED as error:
            self.connection_pool.disconnect()
            raise InvalidResponse from error

    def execute_command(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - redis-py's
        """Send a command.

        Raises:
            RedisError: Redis is unavailable, refuses the command, or sends an invalid reply.
        """
        return self.call(super().execute_command, *arguments, **options)

    def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> "DeadlinePipeline":  # noqa: ANN401, ARG002, FBT001, FBT002 - redis-py's
        """Begin a call of several commands."""
        pipeline = DeadlinePipeline(self.connection_pool, self.response_callbacks, transaction, None)
        pipeline.owner = self
        return pipeline


class DeadlinePipeline(Pipeline):
    """Several commands in one call, limited and repeated as `DeadlineRedis` does."""

    owner: DeadlineRedis

    def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002 - redis-py's
        """Send the commands.

        Raises: as `DeadlineRedis.execute_command`.
        """
        commands = list(self.command_stack)
        replies = self.owner.call(self._send_twice_at_most, commands)
        if raise_on_error:
            self.raise_first_error(commands, replies)  # type: ignore[no-untyped-call]  # redis-py leaves it so
        return replies

    def _send_twice_at_most(self, commands: list[Any]) -> list[Any]:
        replies = super().execute(raise_on_error=False)
        if [reply for reply in replies if isinstance(reply, DEMOTED)]:
            self.connection_pool.disconnect()
            self.command_stack = commands
            replies = super().execute(raise_on_error=False)
        return replies
