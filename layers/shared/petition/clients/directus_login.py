"""Signing in to Directus.

Credentials that Directus refused are not tried again for a while: by this process, and through Redis by no other.
Directus suspends a user after 25 wrong passwords, counted over all processes. One search after the other with a
password that was rotated would get there within a minute.
"""

import time
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus

from redis import RedisError

from petition.clients import redis
from petition.clients.directus_answers import LoginAnswer
from petition.clients.directus_token import Credentials, Token
from petition.config.settings import SettingsError
from petition.deadline import Deadline
from petition.errors import UpstreamError
from petition.process_singleton import process_singleton
from petition.telemetry import logger, metrics
from petition.upstream.client import read_json, send_request

LOGIN_SECONDS = 8.0
# A token is not sent in its last seconds: the clocks of two machines differ, and the request takes its time.
EXPIRY_MARGIN_SECONDS = 10
REFUSED_SECONDS = 30
# Of the fingerprint: they tell one password from the next, and are too few to find it with, for who reads Redis.
MARK_CHARACTERS = 6


class LoginRefused(UpstreamError):
    """Directus does not take these credentials."""


@dataclass(frozen=True, slots=True)
class Logins:
    """The logins of this process, by the fingerprint of their credentials: as many as its environment can name.

    Attributes:
        tokens: those that Directus issued.
        refused_at: when it refused credentials, on the monotonic clock.
    """

    tokens: dict[str, Token] = field(default_factory=dict)
    refused_at: dict[str, float] = field(default_factory=dict)


@process_singleton
def logins() -> Logins:
    """The process's own."""
    return Logins()


def log_in(credentials: Credentials, deadline: Deadline) -> Token:
    """Sign in and get an access token.

    Raises:
        LoginRefused: Directus does not take the credentials, or did not take them just now, or there are none.
        UpstreamError, UpstreamBusy, UpstreamTimeout: Directus fails, is busy, or does not answer.
    """
    if not credentials.email or _are_refused(credentials):
        raise LoginRefused
    url, seconds = f"{credentials.endpoint}/auth/login", deadline.within(LOGIN_SECONDS)
    login = {"email": credentials.email, "password": credentials.password}
    response = send_request("POST", url, seconds=seconds, json={**login})
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        _note_refusal(credentials)
        raise LoginRefused
    issued = read_json(response, LoginAnswer).data
    metrics.add_metric(name="DirectusLogin", unit="Count", value=1)
    return Token(value=issued.access_token, expires=time.time() + issued.expires / 1000 - EXPIRY_MARGIN_SECONDS)


def _are_refused(credentials: Credentials) -> bool:
    """Whether Directus refused these credentials less than `REFUSED_SECONDS` ago. Without Redis, this process only."""
    refused_at = logins().refused_at.get(credentials.fingerprint, float("-inf"))
    if time.monotonic() - refused_at < REFUSED_SECONDS:
        return True
    return _ask_redis("GET", credentials) == credentials.fingerprint[:MARK_CHARACTERS]


def _note_refusal(credentials: Credentials) -> None:
    """Let these credentials rest."""
    logins().refused_at[credentials.fingerprint] = time.monotonic()
    _ask_redis("SET", credentials, credentials.fingerprint[:MARK_CHARACTERS], "EX", str(REFUSED_SECONDS))


def _ask_redis(command: str, credentials: Credentials, *arguments: str) -> object:
    key = f"directus-refused-{sha256('\0'.join(credentials.user).encode()).hexdigest()}"
    try:
        if redis.connection().was_away:
            return None
        return redis.connection().execute_command(command, key, *arguments)
    except (RedisError, SettingsError):
        logger.warning("redis is away: refused credentials rest in this process alone")
        return None
