"""Who is calling: a Supabase access token, verified here, without a call per request."""

import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

import jwt
import msgspec
from msgspec import Struct

from petition.auth.jwks import ALGORITHMS, MAX_AGE_SECONDS, KeySet
from petition.auth.session_cookie import MAX_CHARACTERS, read_access_token
from petition.auth.session_settings import SessionSettings
from petition.config.rotating_setting import RotatingSetting
from petition.errors import Unauthenticated
from petition.process_singleton import process_singleton

# Two machines' clocks differ: a session that ended this recently still counts.
LEEWAY_SECONDS = 10
JWKS_TIMEOUT_SECONDS = 1.0
MAX_VERIFIED = 256
SYMMETRIC = "HS256"
_COMPACT_JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Session:
    """A caller who has proved who they are.

    Attributes:
        user_id: the user's UUID in its canonical form.
        expires: when the session ends; Unix time in seconds.
    """

    user_id: str
    expires: float


class _Claims(Struct):
    sub: UUID
    exp: float
    role: str
    iss: str | None = None


class Authenticator:
    """Finds out who sent a request, for one project.

    What a token is verified with is fixed by the settings and the project's keys: a token picks one of them by `alg`
    and `kid`, and its signature must then hold under that key's own algorithm.

    Sessions of anonymous sign-ins count: they are users without a membership, so that they may do nothing. A session
    that was signed out counts until its token ends: only a call to the auth server would know.
    """

    def __init__(self, load: Callable[[], SessionSettings], now: Callable[[], float] = time.monotonic) -> None:
        """Take a function that reads the project's settings, and a clock. Keys are fetched once a token needs them."""
        self._settings = RotatingSetting(load)
        # These stay the same when the project's secret is rotated.
        self._cookie_name, self._issuers = self._settings.value.cookie_name, self._settings.value.issuers
        if self._settings.value.supabase_jwt_secret:
            _import_x509(self._settings.value.supabase_jwt_secret)
        self._now = now
        self._secret_read_at = now()
        self._verified: dict[bytes, Session] = {}
        self._keys = KeySet(self._fetch_keys, on_change=self._verified.clear)

    def authenticate(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Session:
        """Return the session of a request.

        A bearer token wins over a cookie: with a bad one, a request is refused whatever its cookies are. Other schemes
        of Authorization, such as the Basic of a protected preview, are ignored.

        Args:
            headers: by lower-case name.
            cookies: by name.

        Raises:
            Unauthenticated: there is no valid session. The reason is not given.
            UpstreamError, UpstreamBusy, UpstreamTimeout: the project's keys were never fetched and cannot be now.
        """
        scheme, _, bearer = headers.get("authorization", "").strip().partition(" ")
        is_bearer = scheme.lower() == "bearer"
        token = bearer.strip() if is_bearer else read_access_token(cookies, self._cookie_name)
        if token is None:
            raise Unauthenticated
        return self.verify(token)

    def verify(self, token: str) -> Session:
        """Return the session of an access token.

        Verifying takes 50 us (HS256) to 130 us (ES256), and a clipboard sends the same token all day. So the session is
        kept until it ends or the project's keys change.

        Raises: as `authenticate`.
        """
        if len(token) > MAX_CHARACTERS or not _COMPACT_JWT.fullmatch(token):
            raise Unauthenticated
        self._refresh()
        digest = sha256(token.encode()).digest()
        session = self._verified.get(digest)
        if session is None:
            session = self._verified[digest] = self._read_session(token)
            if len(self._verified) > MAX_VERIFIED:
                self._verified.pop(next(iter(self._verified)))
        if session.expires + LEEWAY_SECONDS <= time.time():
            raise Unauthenticated
        return session

    def _read_session(self, token: str) -> Session:
        try:
            claims = msgspec.convert(self._decode(token), _Claims)
        except (jwt.PyJWTError, ValueError, OverflowError, RecursionError):
            # Not chained: the cause quotes claims, and a log can show causes.
            raise Unauthenticated from None
        if claims.role != self._settings.value.supabase_jwt_role or claims.iss not in self._issuers:
            raise Unauthenticated
        return Session(user_id=str(claims.sub), expires=claims.exp)

    def _decode(self, token: str) -> object:
        """Return the claims of a token whose signature holds. If it does not, the shared secret is read again."""
        header = jwt.get_unverified_header(token)
        try:
            return self._verify_signature(token, header)
        except jwt.InvalidSignatureError:
            if header.get("alg") != SYMMETRIC or not self._renew_secret():
                raise
        return self._verify_signature(token, header)

    def _refresh(self) -> None:
        """Read old keys and an old secret again, so that a revoked one stops counting."""
        now = self._now()
        if now > self._keys.stale_at:
            self._keys.refresh()
        if self._settings.value.supabase_jwt_secret and now - self._secret_read_at > MAX_AGE_SECONDS:
            self._secret_read_at = now
            self._renew_secret()

    def _renew_secret(self) -> bool:
        """Return whether the shared secret was rotated. If so, what was verified with the old one is dropped."""
        is_rotated = self._settings.renew()
        if is_rotated:
            self._verified.clear()
        return is_rotated

    def _verify_signature(self, token: str, header: Mapping[str, object]) -> object:
        key, algorithm = self._find_key(header)
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=self._settings.value.supabase_jwt_audience,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "aud"]},
        )

    def _find_key(self, header: Mapping[str, object]) -> tuple[jwt.PyJWK | str, str]:
        secret, key_id = self._settings.value.supabase_jwt_secret, header.get("kid")
        if secret and header.get("alg") == SYMMETRIC:
            return secret, SYMMETRIC
        # Checked before a key is looked up, as that can fetch the keys.
        if header.get("alg") not in ALGORITHMS.values() or not isinstance(key_id, str):
            raise Unauthenticated
        if key := self._keys.find(key_id):
            return key, key.algorithm_name
        raise Unauthenticated

    def _fetch_keys(self) -> object:
        # Imported here: with warm keys or a secret nothing is fetched, and the HTTP client need not be loaded.
        from petition.upstream.client import read_json, send_request  # noqa: PLC0415 - see above

        url = f"{self._settings.value.auth_url}/.well-known/jwks.json"
        return read_json(send_request("GET", url, seconds=JWKS_TIMEOUT_SECONDS), object)


@process_singleton
def authenticator() -> Authenticator:
    """Return the process's authenticator.

    Raises:
        SettingsError: SUPABASE_URL is missing, or one of the settings is malformed.
    """
    return Authenticator(SessionSettings.load)


def _import_x509(secret: str) -> None:
    """Make PyJWT check the secret now: its first check, for a certificate, imports X.509."""
    with suppress(jwt.InvalidKeyError):
        jwt.get_algorithm_by_name(SYMMETRIC).prepare_key(secret)
