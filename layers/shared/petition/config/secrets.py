"""Secrets that environment variables refer to, as `secretsmanager:<name>[#key]` or `ssm:<name>[#key]`.

With a key, the secret is a JSON object and the value is its member. A secret is read once and kept while the process
is warm. It is read again when an upstream refuses it: that is how a rotated secret gets here.
"""

import re
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from threading import Thread
from typing import NamedTuple

import msgspec

from petition.config.secret_ref import SecretError, SecretRef
from petition.process_singleton import process_singleton
from petition.telemetry import logger

# Anybody can make an upstream refuse something again and again. AWS is asked no more often than this.
PAUSE_SECONDS = 30.0
# If AWS does not answer, the members of one secret would each wait for it.
FAILURE_PAUSE_SECONDS = 2.0
_REFERENCE = re.compile(r"(secretsmanager|ssm):([^#\s]+)(?:#(\S+))?")


class _Reading(NamedTuple):
    text: str
    read_at: float


class SecretCache:
    """The secrets that this process has read."""

    def __init__(self, read: Callable[[SecretRef], str], now: Callable[[], float] = time.monotonic) -> None:
        """Take what reads a secret (raising SecretError), and a clock in seconds."""
        self._read = read
        self._now = now
        self._readings: dict[SecretRef, _Reading] = {}
        self._failures: dict[SecretRef, tuple[SecretError, float]] = {}
        self._threads: Sequence[Thread] = ()

    def begin_prefetch(self, values: Iterable[str]) -> None:
        """Begin to read, in parallel, all secrets that these values refer to."""
        refs = {ref for ref, _ in map(_parse, values) if ref and ref not in self._readings}
        self._threads = _start_each(self._try_to_read, refs)

    def prefetch(self, values: Iterable[str]) -> None:
        """Read all secrets that these values refer to, and wait for them. Failures are reported by `resolve`."""
        _join(self._threads)
        self.begin_prefetch(values)  # with those that were not begun
        _join(self._threads)

    def resolve(self, value: str) -> str:
        """Return the secret that a value refers to; any other value as it is.

        Raises:
            SecretError: it cannot be read, or has no such key.
        """
        ref, key = _parse(value)
        if ref is None:
            return value
        try:
            return _pick(self._read_text(ref), key)
        except SecretError:
            # It may have been read in the middle of a change.
            if ref not in self._readings or not self._refresh(ref):
                raise
        return _pick(self._read_text(ref), key)

    def refresh(self) -> bool:
        """Read again every secret that was not read just now. Return whether any has changed."""
        changed = list[SecretRef]()
        _join(_start_each(lambda ref: changed.append(ref) if self._refresh(ref) else None, tuple(self._readings)))
        return bool(changed)

    def forget(self) -> None:
        """Drop all secrets, so that each is read again at its next use."""
        self._readings.clear()
        self._failures.clear()

    def _read_text(self, ref: SecretRef) -> str:
        reading = self._readings.get(ref) or self._read_first(ref)
        return reading.text

    def _try_to_read(self, ref: SecretRef) -> None:
        with suppress(SecretError):
            self._read_first(ref)

    def _read_first(self, ref: SecretRef) -> _Reading:
        error, failed_at = self._failures.get(ref, (None, 0.0))
        if error and self._now() - failed_at < FAILURE_PAUSE_SECONDS:
            raise error
        try:
            return self._keep(ref, self._read(ref))
        except SecretError as error:
            self._failures[ref] = error, self._now()
            raise

    def _keep(self, ref: SecretRef, text: str) -> _Reading:
        self._readings[ref] = _Reading(text, self._now())
        return self._readings[ref]

    def _refresh(self, ref: SecretRef) -> bool:
        old = self._readings[ref]
        if self._now() - old.read_at < PAUSE_SECONDS:
            return False
        try:
            text = self._read(ref)
        except SecretError as error:
            logger.warning("a secret could not be read again", extra={"reason": str(error)})
            text = old.text
        return self._keep(ref, text).text != old.text


def begin_prefetch(values: Collection[str]) -> None:
    """Begin to read all secrets that these values refer to, while the process goes on importing."""
    if any(ref for ref, _ in map(_parse, values)):
        # Imported by this thread: of two that import the same modules, one can find a module half imported.
        from petition.config import secret_stores  # noqa: F401, PLC0415 - see `_read`

        _cache().begin_prefetch(values)


def prefetch(values: Iterable[str]) -> None:
    """Read, in parallel, all secrets that these values refer to. Failures are reported by `resolve`."""
    _cache().prefetch(values)


def resolve(value: str) -> str:
    """Return the secret that a value refers to; any other value as it is.

    Raises:
        SecretError: it cannot be read, or has no such key.
    """
    return _cache().resolve(value)


def refresh() -> bool:
    """Read again every secret that was not read just now. Return whether any has changed."""
    return _cache().refresh()


def forget() -> None:
    """Drop all secrets, so that each is read again at its next use: after a restore from a snapshot."""
    _cache().forget()


@process_singleton
def _cache() -> SecretCache:
    return SecretCache(_read)


def _read(ref: SecretRef) -> str:
    # Imported here: where no reference is used, nothing needs an HTTP client for it.
    from petition.config.secret_stores import read_secret  # noqa: PLC0415 - see above

    return read_secret(ref)


def _start_each(act: Callable[[SecretRef], object], refs: Collection[SecretRef]) -> Sequence[Thread]:
    """Act on each ref, in its own thread: AWS takes 10 ms and more for one."""
    threads = [Thread(target=act, args=(ref,), daemon=True) for ref in refs]
    for thread in threads:
        thread.start()
    return threads


def _join(threads: Sequence[Thread]) -> None:
    for thread in threads:
        thread.join()


def _parse(value: str) -> tuple[SecretRef | None, str | None]:
    """Return the secret that a value refers to and the key in it; None for both if it is a plain value."""
    reference = _REFERENCE.fullmatch(value.strip())
    if reference is None:
        return None, None
    store, name, key = reference.groups()
    return SecretRef(store, name), key


def _pick(text: str, key: str | None) -> str:
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
