"""Secrets that the environment only names: `secretsmanager:<name>[#key]` or `ssm:<name>[#key]` in place of a value.

With a key, the secret is a JSON object and the value is its member. What a reference stands for is read once and kept
while the process is warm; it is read anew when an upstream rejects it, which is how a rotated secret gets here.
"""

import re
import time
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from petition.process_singleton import process_singleton
from petition.telemetry import logger

# Anybody can have an upstream reject something again and again; AWS is asked no more often than this for all that.
PAUSE_SECONDS = 30.0
# Of a secret that AWS is silent about, each member would be waited for by itself.
FAILURE_PAUSE_SECONDS = 2.0
_REFERENCE = re.compile(r"(secretsmanager|ssm):([^#\s]+)(?:#(\S+))?")


class SecretError(Exception):
    """A secret cannot be read. The message says why in a few words, and shows neither its name nor a value."""


class Place(NamedTuple):
    """Where a secret is kept: `secretsmanager` or `ssm`, and its name there."""

    store: str
    name: str


class _Kept(NamedTuple):
    text: str
    read_at: float


class SecretCache:
    """The secrets that this process has read."""

    def __init__(self, read: Callable[[Place], str], now: Callable[[], float] = time.monotonic) -> None:
        """Take what reads a secret (raising SecretError), and a clock in seconds."""
        self._read = read
        self._now = now
        self._kept: dict[Place, _Kept] = {}
        self._failed: dict[Place, tuple[SecretError, float]] = {}

    def resolve(self, value: str) -> str:
        """What a reference stands for; any other value as it is.

        Raises:
            SecretError: it cannot be read, or has no such key.
        """
        reference = _REFERENCE.fullmatch(value.strip())
        if reference is None:
            return value
        store, name, key = reference.groups()
        place = Place(store, name)
        try:
            return _member(self._text(place), key)
        except SecretError:
            # It may have been read half-way through a change.
            if place not in self._kept or not self._refresh(place):
                raise
        return _member(self._text(place), key)

    def refresh(self) -> bool:
        """Read everything anew that was not read just now. Whether anything has changed."""
        changed = {place for place in self._kept if self._refresh(place)}
        return bool(changed)

    def forget(self) -> None:
        """Drop everything, so that it is read when next used."""
        self._kept.clear()
        self._failed.clear()

    def _text(self, place: Place) -> str:
        kept = self._kept.get(place) or self._keep(place, self._first_read(place))
        return kept.text

    def _first_read(self, place: Place) -> str:
        error, failed_at = self._failed.get(place, (None, 0.0))
        if error and self._now() - failed_at < FAILURE_PAUSE_SECONDS:
            raise error
        try:
            return self._read(place)
        except SecretError as error:
            self._failed[place] = error, self._now()
            raise

    def _keep(self, place: Place, text: str) -> _Kept:
        self._kept[place] = _Kept(text, self._now())
        return self._kept[place]

    def _refresh(self, place: Place) -> bool:
        old = self._kept[place]
        if self._now() - old.read_at < PAUSE_SECONDS:
            return False
        try:
            text = self._read(place)
        except SecretError as error:
            logger.warning("a secret could not be read again", extra={"reason": str(error)})
            text = old.text
        return self._keep(place, text).text != old.text


def resolve(value: str) -> str:
    """What a reference stands for; any other value as it is.

    Raises:
        SecretError: it cannot be read, or has no such key.
    """
    return _cache().resolve(value)


def refresh() -> bool:
    """Read everything anew that was not read just now. Whether anything has changed."""
    return _cache().refresh()


def forget() -> None:
    """Drop what was read, so that it is read when next used: after a restore from a snapshot."""
    _cache().forget()


@process_singleton
def _cache() -> SecretCache:
    return SecretCache(_read)


def _read(place: Place) -> str:
    # Imported here: it brings boto3, 170 ms, for nothing where no reference is used.
    from petition.config.secret_stores import read  # noqa: PLC0415 - see above

    return read(place)


def _member(text: str, key: str | None) -> str:
    if key is None:
        return text.strip()
    try:
        value: object = msgspec.json.decode(text)
    except ValueError:
        raise SecretError("no JSON object") from None
    member = value.get(key) if isinstance(value, dict) else None
    if not isinstance(member, str) or not member.strip():
        raise SecretError("no text under its key")
    return member.strip()
