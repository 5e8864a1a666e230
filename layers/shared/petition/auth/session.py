"""Who is calling: a Supabase access token, verified here, without a call per request."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

import jwt
import msgspec
from msgspec import Meta, Struct

from petition.auth.jwks import ALGORITHMS, MAX_AGE_SECONDS, KeySet
from petition.auth.session_cookie import MAX_CHARACTERS, access_token
from petition.config.rotating_setting import RotatingSetting
from petition.config.service_url import ServiceUrl
from petition.config.settings import Settings
from petition.errors import Unauthenticated
from petition.process_singleton import process_singleton

# Two machines' clocks differ; a session that ended within it still counts.
LEEWAY_SECONDS = 10
JWKS_TIMEOUT_SECONDS = 1.0
MAX_VERIFIED = 256
SYMMETRIC = "HS256"
_COMPACT_JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


class SessionSettings(Settings):
    """The project whose sessions count.

    Attributes:
        supabase_url: the project; sessions signed with the keys that it publishes count.
        supabase_jwt_secret: set, sessions signed by HS256 with it count too. 32 bytes at least, as RFC 7518 asks.
        supabase_jwt_issuer: the `iss` that a token must have. Unset, a token without one counts too (Supabase Lite's),
            and one that names an issuer must name this project.
        supabase_jwt_audience: the `aud` that it must have.
        supabase_jwt_role: the `role` that it must have; so the project's own API keys, which are tokens too, are none.
        supabase_cookie_name: what `cookieOptions.name` of `@supabase/ssr` says, if anything.
    """

    supabase_url: ServiceUrl
    supabase_jwt_secret: Annotated[str, Meta(min_length=32)] | None = None
    supabase_jwt_issuer: str | None = None
    supabase_jwt_audience: str = "authenticated"
    supabase_jwt_role: str = "authenticated"
    supabase_cookie_name: str | None = None

    @property
    def cookie_name(self) -> str:
        """Where `@supabase/ssr` keeps the session: named after the first label of the project's host."""
        label = (urlsplit(self.supabase_url).hostname or "").partition(".")[0]
        return self.supabase_cookie_name or f"sb-{label}-auth-token"

    @property
    def auth_url(self) -> str:
        """The project's auth server, which is the issuer of its tokens."""
        return f"{self.supabase_url}/auth/v1"


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
    """Tells who a request is from, for one project.

    What a token is verified with is fixed by the settings and the project's keys: a token picks one of them by `alg`
    and `kid`, and its signature must then hold under that key's own algorithm.

    Sessions of anonymous sign-ins count: they are users without a membership, so that they may do nothing. A session
    that was signed out counts until its token ends: only a call to the auth server would know.
    """

    def __init__(self, load: Callable[[], SessionSettings], now: Callable[[], float] = time.monotonic) -> None:
        """Take what reads the project's settings, and a clock. Nothing is fetched before a token that needs it."""
        self._rotating = RotatingSetting(load)
        self._now = now
        self._looked = now()
        self._verified: dict[bytes, Session] = {}
        self._keys = KeySet(self._fetch_keys, on_change=self._verified.clear)

    def authenticate(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Session:
        """The session of a request.

        A bearer token is the caller's explicit word: it wins over a cookie, and a bad one is not made good by a cookie.
        Other schemes of Authorization (the Basic of a protected preview, say) are somebody else's, and are passed over.

        Args:
            headers: by lower-case name.
            cookies: by name.

        Raises:
            Unauthenticated: there is no valid session. Why, is not said.
            UpstreamError, UpstreamBusy, UpstreamTimeout: the project's keys were never fetched and cannot be now.
        """
        token = _bearer(headers)
        if token is None:
            token = access_token(cookies, self._settings.cookie_name)
        if token is None:
            raise Unauthenticated
        return self.verify(token)

    def verify(self, token: str) -> Session:
        """The session of an access token.

        Verifying costs 50 us (HS256) to 130 us (ES256); a clipboard sends the same token all day, so what was found is
        kept until the session ends or the project's keys change.

        Raises: as `authenticate`.
        """
        if len(token) > MAX_CHARACTERS or not _COMPACT_JWT.fullmatch(token):
            raise Unauthenticated
        self._keys.refresh()
        self._refresh_secret()
        digest = sha256(token.encode()).digest()
        session = self._verified.get(digest) or self._remember(digest, self._session(token))
        if session.expires + LEEWAY_SECONDS <= time.time():
            raise Unauthenticated
        return session

    def _remember(self, digest: bytes, session: Session) -> Session:
        while len(self._verified) >= MAX_VERIFIED:
            self._verified.pop(next(iter(self._verified)))
        self._verified[digest] = session
        return session

    def _session(self, token: str) -> Session:
        try:
            claims = msgspec.convert(self._signed_claims(token), _Claims)
        except (jwt.PyJWTError, ValueError, OverflowError, RecursionError):
            # Not chained: the cause quotes claims, and a log can show causes.
            raise Unauthenticated from None
        if claims.role != self._settings.supabase_jwt_role or not self._is_issuer(claims.iss):
            raise Unauthenticated
        return Session(user_id=str(claims.sub), expires=claims.exp)

    def _signed_claims(self, token: str) -> object:
        header = jwt.get_unverified_header(token)
        try:
            return self._decoded(token, *self._key(header))
        except jwt.InvalidSignatureError:
            if header.get("alg") != SYMMETRIC or not self._renew_secret():
                raise
        return self._decoded(token, *self._key(header))

    def _refresh_secret(self) -> None:
        """Look for another secret where the present one is old, so that one that was taken back stops counting."""
        if self._settings.supabase_jwt_secret and self._now() - self._looked > MAX_AGE_SECONDS:
            self._looked = self._now()
            self._renew_secret()

    def _renew_secret(self) -> bool:
        """Whether the shared secret was rotated; what was verified with the old one then counts no more."""
        is_rotated = self._rotating.renew()
        if is_rotated:
            self._verified.clear()
        return is_rotated

    def _decoded(self, token: str, key: jwt.PyJWK | str, algorithm: str) -> object:
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=self._settings.supabase_jwt_audience,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "aud"]},
        )

    def _key(self, header: Mapping[str, object]) -> tuple[jwt.PyJWK | str, str]:
        secret, key_id = self._settings.supabase_jwt_secret, header.get("kid")
        if secret and header.get("alg") == SYMMETRIC:
            return secret, SYMMETRIC
        # Checked before the keys are asked, as asking can fetch them.
        if header.get("alg") not in ALGORITHMS.values() or not isinstance(key_id, str):
            raise Unauthenticated
        if key := self._keys.find(key_id):
            return key, key.algorithm_name
        raise Unauthenticated

    def _is_issuer(self, named: str | None) -> bool:
        if self._settings.supabase_jwt_issuer:
            return named == self._settings.supabase_jwt_issuer
        return named in {None, self._settings.auth_url}

    def _fetch_keys(self) -> object:
        # Imported here: with a warm set or a secret nothing is fetched, and the HTTP client need not be loaded.
        from petition.upstream.client import read_json, send_request  # noqa: PLC0415 - see above

        url = f"{self._settings.auth_url}/.well-known/jwks.json"
        return read_json(send_request("GET", url, seconds=JWKS_TIMEOUT_SECONDS), object)

    @property
    def _settings(self) -> SessionSettings:
        return self._rotating.value


@process_singleton
def authenticator() -> Authenticator:
    """The process's own.

    Raises:
        SettingsError: SUPABASE_URL is missing, or one of the settings malformed.
    """
    return Authenticator(SessionSettings.load)


def _bearer(headers: Mapping[str, str]) -> str | None:
    scheme, _, token = headers.get("authorization", "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
