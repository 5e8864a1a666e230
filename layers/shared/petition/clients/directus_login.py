"""Signing in to Directus.

Credentials that Directus refused are not tried again for a while: by this process or, through Redis, by any other.
Directus suspends a user after 25 wrong passwords, counted over all processes. Searches with a password that was
rotated would reach that within a minute.
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
# A token is not sent in its last seconds: the clocks of two machines differ, and the request takes time.
EXPIRY_MARGIN_SECONDS = 10
REFUSED_SECONDS = 30
# The part of the fingerprint that Redis holds: it tells passwords apart, and is too short to find one from it.
MARK_CHARACTERS = 6


class LoginRefused(UpstreamError):
    """Directus refuses these credentials."""


@dataclass(frozen=True, slots=True)
class Logins:
    """The logins of this process, by the fingerprint of their credentials. Its settings limit how many there are.

    Attributes:
        tokens: those that Directus issued.
        refused_at: when it refused credentials, on the monotonic clock.
    """

    tokens: dict[str, Token] = field(default_factory=dict)
    refused_at: dict[str, float] = field(default_factory=dict)


@process_singleton
def logins() -> Logins:
    """Return the process's logins."""
    return Logins()


def log_in(credentials: Credentials, deadline: Deadline) -> Token:
    """Sign in and get an access token.

    Raises:
        LoginRefused: Directus refuses the credentials, refused them a moment ago, or there are none.
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
    """Check whether Directus refused these credentials lately. Without Redis, only this process's refusals count."""
    refused_at = logins().refused_at.get(credentials.fingerprint, float("-inf"))
    if time.monotonic() - refused_at < REFUSED_SECONDS:
        return True
    return _ask_redis("GET", credentials) == credentials.fingerprint[:MARK_CHARACTERS]


def _note_refusal(credentials: Credentials) -> None:
    """Keep these credentials from being tried for `REFUSED_SECONDS`."""
    logins().refused_at[credentials.fingerprint] = time.monotonic()
    _ask_redis("SET", credentials, credentials.fingerprint[:MARK_CHARACTERS], "EX", str(REFUSED_SECONDS))


def _ask_redis(command: str, credentials: Credentials, *arguments: str) -> object:
    key = f"directus-refused-{sha256('\0'.join(credentials.user).encode()).hexdigest()}"
    try:
        if redis.connection().failed_recently:
            return None
        return redis.connection().execute_command(command, key, *arguments)
    except (RedisError, SettingsError):
        logger.warning("redis is unavailable: only this process pauses refused credentials")
        return None
