"""Secrets that the environment only names: `secretsmanager:<name>[#key]` or `ssm:<name>[#key]` in place of a value.

With a key, the secret is a JSON object and the value is its member. What a reference stands for is read once and kept
while the process is warm; it is read anew when an upstream rejects it, which is how a rotated secret gets here.
"""

import re
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from threading import Thread
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


class SecretRef(NamedTuple):
    """Which secret is meant: `secretsmanager` or `ssm`, and its name there."""

    store: str
    name: str


class _Kept(NamedTuple):
    text: str
    read_at: float


class SecretCache:
    """The secrets that this process has read."""

    def __init__(self, read: Callable[[SecretRef], str], now: Callable[[], float] = time.monotonic) -> None:
        """Take what reads a secret (raising SecretError), and a clock in seconds."""
        self._read = read
        self._now = now
        self._kept: dict[SecretRef, _Kept] = {}
        self._failed: dict[SecretRef, tuple[SecretError, float]] = {}

    def prefetch(self, values: Iterable[str]) -> None:
        """Read all secrets that these values refer to, at once. One that cannot be read is told when it is resolved."""
        refs = {ref for ref, _ in map(_parse, values) if ref and ref not in self._kept}
        _run_at_once(self._try_first_read, refs)

    def resolve(self, value: str) -> str:
        """What a reference stands for; any other value as it is.

        Raises:
            SecretError: it cannot be read, or has no such key.
        """
        ref, key = _parse(value)
        if ref is None:
            return value
        try:
            return _member(self._text(ref), key)
        except SecretError:
            # It may have been read half-way through a change.
            if ref not in self._kept or not self._refresh(ref):
                raise
        return _member(self._text(ref), key)

    def refresh(self) -> bool:
        """Read everything anew that was not read just now. Whether anything has changed."""
        changed = list[SecretRef]()
        _run_at_once(lambda ref: changed.append(ref) if self._refresh(ref) else None, tuple(self._kept))
        return bool(changed)

    def forget(self) -> None:
        """Drop everything, so that it is read when next used."""
        self._kept.clear()
        self._failed.clear()

    def _text(self, ref: SecretRef) -> str:
        kept = self._kept.get(ref) or self._first_read(ref)
        return kept.text

    def _try_first_read(self, ref: SecretRef) -> None:
        with suppress(SecretError):
            self._first_read(ref)

    def _first_read(self, ref: SecretRef) -> _Kept:
        error, failed_at = self._failed.get(ref, (None, 0.0))
        if error and self._now() - failed_at < FAILURE_PAUSE_SECONDS:
            raise error
        try:
            return self._keep(ref, self._read(ref))
        except SecretError as error:
            self._failed[ref] = error, self._now()
            raise

    def _keep(self, ref: SecretRef, text: str) -> _Kept:
        self._kept[ref] = _Kept(text, self._now())
        return self._kept[ref]

    def _refresh(self, ref: SecretRef) -> bool:
        old = self._kept[ref]
        if self._now() - old.read_at < PAUSE_SECONDS:
            return False
        try:
            text = self._read(ref)
        except SecretError as error:
            logger.warning("a secret could not be read again", extra={"reason": str(error)})
            text = old.text
        return self._keep(ref, text).text != old.text


def prefetch(values: Iterable[str]) -> None:
    """Read all secrets that these values refer to, at once, so that `resolve` finds them read."""
    _cache().prefetch(values)


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


def _read(ref: SecretRef) -> str:
    # Imported here: where no reference is used, nothing needs an HTTP client for it.
    from petition.config.secret_stores import read_secret  # noqa: PLC0415 - see above

    return read_secret(ref)


def _run_at_once(act: Callable[[SecretRef], object], refs: Collection[SecretRef]) -> None:
    """Act on each of them, in a thread each: AWS takes 10 ms and more for one."""
    threads = [Thread(target=act, args=(ref,), daemon=True) for ref in refs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _parse(value: str) -> tuple[SecretRef | None, str | None]:
    """The secret that a value refers to, and the key in it; nothing where it is a plain value."""
    reference = _REFERENCE.fullmatch(value.strip())
    if reference is None:
        return None, None
    store, name, key = reference.groups()
    return SecretRef(store, name), key


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
