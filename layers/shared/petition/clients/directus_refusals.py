"""Credentials that Directus refused are not tried again for a while: by this process, and through Redis by no other.

Directus suspends a user after 25 wrong passwords, counted over all processes. One search after the other with a
password that was rotated would get there within a minute.
"""

import time
from hashlib import sha256

from petition.clients import redis
from petition.clients.directus import Credentials
from petition.config.settings import SettingsError
from petition.errors import RedisUnavailable
from petition.process_singleton import process_singleton
from petition.telemetry import logger

REFUSED_SECONDS = 30


def are_refused(credentials: Credentials) -> bool:
    """Whether Directus refused these credentials less than `REFUSED_SECONDS` ago. Without Redis, this process only."""
    if time.monotonic() - _refusals().get(credentials.fingerprint, float("-inf")) < REFUSED_SECONDS:
        return True
    return _run("GET", _key(credentials)) == _mark(credentials)


def note_refusal(credentials: Credentials) -> None:
    """Let these credentials rest."""
    _refusals()[credentials.fingerprint] = time.monotonic()
    _run("SET", _key(credentials), _mark(credentials), "EX", str(REFUSED_SECONDS))


@process_singleton
def _refusals() -> dict[str, float]:
    """When Directus refused credentials of this process, by fingerprint: as many as its environment can name."""
    return {}


def _run(*command: str) -> object:
    try:
        [reply] = redis.run([command])
    except (RedisUnavailable, SettingsError):
        logger.warning("redis is away: refused credentials rest in this process alone")
        return None
    return reply


def _key(credentials: Credentials) -> str:
    return f"directus-refused-{sha256('\0'.join(credentials.user).encode()).hexdigest()}"


def _mark(credentials: Credentials) -> str:
    """Tells one password from the next. Too short to find the password with, for somebody who reads Redis."""
    return credentials.fingerprint[:6]
