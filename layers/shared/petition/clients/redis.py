"""The Redis connection. It is made at first use, kept while the process is warm, and gives up within a second or so."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from msgspec import Meta
from redis import AuthenticationError, Redis, RedisError
from redis.backoff import NoBackoff
from redis.connection import Connection, parse_url
from redis.credentials import CredentialProvider
from redis.retry import Retry

from petition.clients.redis_connection import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    DEMOTED,
    DeadlinePool,
    DeadlineRedis,
    connection_class,
    read_bit,
)
from petition.config.rotating_setting import RotatingSetting
from petition.config.service_url import THIS_MACHINE
from petition.config.settings import Settings
from petition.errors import RedisUnavailable
from petition.process_singleton import process_singleton

RETRY_AFTER_SECONDS = 2

LOGIN = frozenset({"username", "password"})
OPTIONS = frozenset({"host", "port", "db", "connection_class", "ssl_ca_certs"}) | LOGIN

type Command = tuple[str, ...]


class RedisUrl(str):
    """`rediss://`, or `redis://` without TLS where no password crosses a network.

    Raises:
        ValueError: it is not such a URL, or sets options of the client, for instance not to check certificates.
    """

    __slots__ = ()

    def __new__(cls, url: str) -> Self:
        """Check the URL."""
        options = parse_url(url)  # type: ignore[no-untyped-call]  # redis-py leaves it so
        in_the_clear, host = urlsplit(url).scheme == "redis", options.get("host")
        if not host or not options.keys() <= OPTIONS:
            raise ValueError
        # Also, Upstash closes every connection without TLS, and does not say why.
        if in_the_clear and options.get("password") and host not in THIS_MACHINE:
            raise ValueError
        return super().__new__(cls, url)


class RedisSettings(Settings):
    """Where Redis is.

    Attributes:
        redis_connection_seconds: how long a connection is used, so that no process stays connected to a server that is
            no longer the primary.
    """

    redis_url: RedisUrl
    redis_connection_seconds: Annotated[float, Meta(gt=0)] = 60.0


class RotatingLogin(CredentialProvider):
    """Signs in with the login of REDIS_URL, and if it is refused and was rotated, with the new one."""

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        """Return the user's name, if there is one, and the password."""
        options = _read_options()
        username, password = options.get("username"), options.get("password") or ""
        return (username, password) if username else (password,)

    def sign_in(self, new_connection: Connection) -> None:
        """Greet the server: redis-py's `redis_connect_func`.

        Raises:
            redis.AuthenticationError: the login is refused, and there is no other.
        """
        try:
            new_connection.on_connect()  # type: ignore[no-untyped-call]  # redis-py leaves it so
        except AuthenticationError:
            if not _settings().renew():
                raise
            # Redis may have moved: the next request connects to where it is now.
            connection.cache_clear()
            new_connection.on_connect()  # type: ignore[no-untyped-call]  # as above


@process_singleton
def connection() -> DeadlineRedis:
    """Return the process's connection. Nothing is sent before the first command.

    The first command detects a connection that died while the execution environment slept, and is sent once more on
    a new one. Neither `health_check_interval` nor the client's defaults do that within a second
    (redis-py#4252, #3613).

    Raises:
        SettingsError: REDIS_URL is missing or not a Redis URL.
    """
    client = DeadlineRedis(connection_pool=_make_pool(_settings().value))
    client.auto_close_connection_pool = True
    client.set_response_callback("SISMEMBER", read_bit)
    return client


def _make_pool(settings: RedisSettings) -> DeadlinePool:
    options = _read_options()
    login = RotatingLogin() if options.keys() & LOGIN else None
    return DeadlinePool(
        connection_class=connection_class(settings.redis_url),
        **{name: value for name, value in options.items() if name not in LOGIN | {"connection_class"}},
        credential_provider=login,
        redis_connect_func=login.sign_in if login else None,
        max_age_seconds=settings.redis_connection_seconds,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 1),
        retry_on_error=list(DEMOTED),
        # RESP2 and no client info: a new connection costs no round trips of its own before the first command.
        protocol=2,
        driver_info=None,
        decode_responses=True,
    )


@process_singleton
def _settings() -> RotatingSetting[RedisSettings]:
    return RotatingSetting(RedisSettings.load)


def _read_options() -> dict[str, Any]:
    options: dict[str, Any] = parse_url(_settings().value.redis_url)  # type: ignore[no-untyped-call]  # redis-py leaves it so
    return options


def run(commands: Sequence[Command]) -> list[object]:
    """Return the replies to commands, sent in one round trip.

    Raises:
        RedisUnavailable: Redis is unavailable or refuses a command.
    """
    if not commands:
        return []
    with available() as connected:
        pipeline = connected.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py leaves it so
        return pipeline.execute()


@contextmanager
def available() -> Iterator[Redis]:
    """Lend the connection, for commands that an answer cannot do without.

    Raises:
        RedisUnavailable: Redis is unavailable or refuses a command. The connection is dropped, so that the next
            request makes a new one.
    """
    try:
        yield connection()
    except RedisError as error:
        reset()
        raise RedisUnavailable(retry_after=RETRY_AFTER_SECONDS) from error


def reset() -> None:
    """Drop the connection; the next command makes a new one."""
    connection().connection_pool.disconnect()
