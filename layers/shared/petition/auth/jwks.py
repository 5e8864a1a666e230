"""The public keys that a project signs its sessions with: its JSON Web Key Set (RFC 7517)."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from jwt import PyJWK, PyJWTError
from msgspec import Struct, ValidationError

from petition.errors import PetitionError, UpstreamBusy, UpstreamError
from petition.telemetry import logger

# One algorithm for each key type, so that neither a token nor the set can choose a weaker one. Symmetric keys are left
# out: anybody could sign with one that is in a public document.
ALGORITHMS = {"EC": "ES256", "RSA": "RS256"}
# The auth server may rotate a key as soon as caches of 10 minutes have expired.
# https://supabase.com/docs/guides/auth/signing-keys
MAX_AGE_SECONDS = 600.0
PAUSE_SECONDS = 30.0
FIRST_PAUSE_SECONDS = 2.0


class _KeySetDocument(Struct):
    keys: list[dict[str, Any]]


class KeySet:
    """The keys by their id, kept while the process is warm.

    They are fetched again when a token names an unknown one, at most once in 30 s, as anybody can make up ids; and when
    they are ten minutes old, so that a revoked key stops counting. A failed fetch leaves them as they are.

    Attributes:
        stale_at: when they will be ten minutes old, on the given clock; infinity while there are none.
    """

    def __init__(
        self,
        fetch: Callable[[], object],
        *,
        on_change: Callable[[], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take a function that fetches the document (raising a PetitionError), and one to call when the keys change."""
        self._fetch = fetch
        self._on_change = on_change
        self._now = now
        self._keys: Mapping[str, PyJWK] | None = None
        self.stale_at = float("inf")
        self._first_tries = _RateLimit(FIRST_PAUSE_SECONDS, now)
        self._later_tries = _RateLimit(PAUSE_SECONDS, now)

    def find(self, key_id: str) -> PyJWK | None:
        """Return the key of an id; None if it is unknown.

        Raises:
            UpstreamError, UpstreamBusy, UpstreamTimeout: there are no keys yet, and fetching them failed.
        """
        if self._keys is None:
            self._fetch_first()
        elif key_id not in self._keys:
            self._fetch_again()
        return (self._keys or {}).get(key_id)

    def refresh(self) -> None:
        """Fetch the keys again if they are stale."""
        if self._now() > self.stale_at:
            self._fetch_again()

    def _fetch_first(self) -> None:
        if not self._first_tries.try_acquire():
            raise UpstreamBusy(retry_after=int(FIRST_PAUSE_SECONDS))
        self._replace()

    def _fetch_again(self) -> None:
        if self._later_tries.try_acquire():
            try:
                self._replace()
            except PetitionError as error:
                logger.warning("the session keys could not be fetched again", extra={"code": error.code})

    def _replace(self) -> None:
        self._keys = _parse(self._fetch())
        self.stale_at = self._now() + MAX_AGE_SECONDS
        self._on_change()


class _RateLimit:
    """A limit of one try in so many seconds."""

    def __init__(self, seconds: float, now: Callable[[], float]) -> None:
        self._seconds = seconds
        self._now = now
        self._next_at = float("-inf")

    def try_acquire(self) -> bool:
        """Return whether a try is allowed now. If so, no other is until the seconds have passed."""
        if self._now() < self._next_at:
            return False
        self._next_at = self._now() + self._seconds
        return True


def _parse(document: object) -> dict[str, PyJWK]:
    try:
        described = msgspec.convert(document, _KeySetDocument).keys
    except ValidationError:
        raise UpstreamError from None
    keys = (_parse_key(jwk) for jwk in described)
    return {key.key_id: key for key in keys if key and isinstance(key.key_id, str)}


def _parse_key(jwk: Mapping[str, object]) -> PyJWK | None:
    """Make a key from a JWK; None for one of another kind or use, which a set may also hold."""
    algorithm = ALGORITHMS.get(str(jwk.get("kty")))
    if algorithm is None or jwk.get("alg", algorithm) != algorithm or jwk.get("use", "sig") != "sig":
        return None
    try:
        return PyJWK(dict(jwk), algorithm)
    except (PyJWTError, ValueError, TypeError):
        return None
