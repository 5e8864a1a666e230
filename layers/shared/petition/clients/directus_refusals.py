"""Credentials that Directus refused are not tried again for a while: by this process, and through Redis by no other.

Directus suspends a user after 25 wrong passwords, counted over all processes. One search after the other with a
password that was rotated would get there within a minute.
"""

import time
from hashlib import sha256

from petition.clients import redis
from petition.clients.directus_token import Credentials
from petition.config.settings import SettingsError
from petition.errors import RedisUnavailable
from petition.process_singleton import process_singleton
from petition.telemetry import logger

REFUSED_SECONDS = 30


@process_singleton
def refusals() -> dict[str, float]:
    """When Directus refused credentials of this process, by fingerprint: as many as its environment can name."""
    return {}


def are_refused(credentials: Credentials) -> bool:
    """Whether Directus refused these credentials less than `REFUSED_SECONDS` ago. Without Redis, this process only."""
    if time.monotonic() - refusals().get(credentials.fingerprint, float("-inf")) < REFUSED_SECONDS:
        return True
    return _run_command("GET", _make_key(credentials)) == _shorten(credentials.fingerprint)


def note_refusal(credentials: Credentials) -> None:
    """Let these credentials rest."""
    refusals()[credentials.fingerprint] = time.monotonic()
    _run_command("SET", _make_key(credentials), _shorten(credentials.fingerprint), "EX", str(REFUSED_SECONDS))


def _run_command(*command: str) -> object:
    try:
        if redis.connection().was_away:
            return None
        [reply] = redis.run([command])
    except (RedisUnavailable, SettingsError):
        logger.warning("redis is away: refused credentials rest in this process alone")
        return None
    return reply


def _make_key(credentials: Credentials) -> str:
    return f"directus-refused-{sha256('\0'.join(credentials.user).encode()).hexdigest()}"


def _shorten(fingerprint: str) -> str:
    """Tell one password from the next. Too short to find the password with, for somebody who reads Redis."""
    return fingerprint[:6]
