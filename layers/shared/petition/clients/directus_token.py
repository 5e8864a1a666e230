"""A Directus access token, the credentials it is issued for, and the cookie that a browser keeps it in.

The cookie is sealed, so that the browser's owner cannot take the token to Directus.
"""

import re
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import ClassVar

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from msgspec import Struct

from petition.config.service_url import ServiceUrl
from petition.config.settings import Malformed, Settings
from petition.process_singleton import process_singleton

# Longer than the token (15 minutes by default); the frontends that share the plain cookie rely on an hour.
SECONDS = 3600
MAX_OPENED = 256
ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict"
FERNET_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
# https://datatracker.ietf.org/doc/html/rfc6750#section-2.1
BEARER_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


@dataclass(frozen=True)
class Credentials:
    """Who signs in to which Directus.

    Attributes:
        email: the user's; "" if there is only a token, which cannot be renewed.
        user: identifies the user, however the URL and the e-mail address are spelt.
        fingerprint: tells credentials apart; changes with the password.
    """

    endpoint: ServiceUrl
    email: str = field(repr=False)
    password: str = field(repr=False)
    user: tuple[str, str] = field(init=False, repr=False, compare=False)
    fingerprint: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compute what is the same for each request."""
        object.__setattr__(self, "user", (self.endpoint.origin, self.email.lower()))
        secret = f"{self.endpoint}\0{self.email}\0{self.password}"
        object.__setattr__(self, "fingerprint", sha256(secret.encode()).hexdigest())


class Token(Struct):
    """An access token and the moment (Unix time, seconds) until which it is worth sending."""

    value: str
    expires: float

    @property
    def is_live(self) -> bool:
        """Whether sending it can succeed."""
        return time.time() < self.expires


class CookieSettings(Settings):
    """How the cookie is written.

    Attributes:
        cookie_sealed: "false" for a deployment that shares the plain cookie with a Next.js server.
        cookie_keys: Fernet keys, comma-separated. The first seals and all open, so that keys can be rotated.
    """

    cookie_sealed: bool = True
    cookie_keys: str = ""

    def __post_init__(self) -> None:
        """Check the keys, if they are needed."""
        # Fernet itself reads "key;key" as its first key and raises nothing. The second would never open anything.
        if self.cookie_sealed and not all(FERNET_KEY.fullmatch(key) for key in _split_keys(self.cookie_keys)):
            raise Malformed("cookie_keys")


def _split_keys(keys: str) -> list[str]:
    return [key.strip() for key in keys.split(",")]


class TokenCookie(ABC):
    """How a token is written to a cookie and read back.

    Attributes:
        is_authentic: whether what is read is known to come from this service.
    """

    is_authentic: ClassVar[bool]

    @abstractmethod
    def value(self, token: Token, credentials: Credentials) -> str:
        """Return the cookie's value."""

    @abstractmethod
    def read(self, value: str, credentials: Credentials) -> Token | None:
        """Return the token in a cookie, if it was issued for these credentials."""

    def header(self, name: str, token: Token, credentials: Credentials) -> str:
        """Return the Set-Cookie header's value."""
        return f"{name}={self.value(token, credentials)}; Max-Age={SECONDS}; {ATTRIBUTES}"

    @staticmethod
    def expire(name: str) -> str:
        """Return the Set-Cookie header's value that deletes the cookie."""
        return f"{name}=; Max-Age=0; {ATTRIBUTES}"


class _Content(Struct):
    fingerprint: str
    token: Token


class SealedCookie(TokenCookie):
    """Encrypted and authenticated with rotating keys, and bound to the credentials that the token was issued for."""

    is_authentic = True

    def __init__(self, keys: str) -> None:
        """Take Fernet keys, comma-separated: the first seals, all open."""
        self._fernet = MultiFernet([Fernet(key) for key in _split_keys(keys)])
        # A browser sends the same cookie all day.
        self._opened = lru_cache(maxsize=MAX_OPENED)(self._open)

    def value(self, token: Token, credentials: Credentials) -> str:
        """Return the sealed token."""
        content = _Content(fingerprint=credentials.fingerprint, token=token)
        return self._fernet.encrypt(msgspec.json.encode(content)).decode()

    def read(self, value: str, credentials: Credentials) -> Token | None:
        """Return the token, if the seal is valid, not too old, and of these credentials."""
        content = self._opened(value)
        return content.token if content and content.fingerprint == credentials.fingerprint else None

    def _open(self, value: str) -> _Content | None:
        try:
            return msgspec.json.decode(self._fernet.decrypt(value.encode(), ttl=SECONDS), type=_Content)
        except (InvalidToken, ValueError):
            return None


class PlainCookie(TokenCookie):
    """The bare token, as the Next.js routes wrote it. Only its name says whose it is, so it is never remembered."""

    is_authentic = False

    def value(self, token: Token, credentials: Credentials) -> str:  # noqa: ARG002 - the sealed form needs them
        """Return the token itself."""
        return token.value

    def read(self, value: str, credentials: Credentials) -> Token | None:  # noqa: ARG002 - the sealed form needs them
        """Return the token itself, if it has the form of one. Directus checks whether it is valid.

        To anything else, such as two words, Directus answers as if no token had been sent: a 403 `FORBIDDEN`, which no
        login would fix.
        """
        return Token(value=value, expires=float("inf")) if BEARER_TOKEN.fullmatch(value) else None


@process_singleton
def token_cookie() -> TokenCookie:
    """Return the kind of cookie that this deployment uses.

    Raises:
        SettingsError: the cookie must be sealed, and COOKIE_KEYS is missing or holds something other than Fernet keys.
    """
    settings = CookieSettings.load()
    return SealedCookie(settings.cookie_keys) if settings.cookie_sealed else PlainCookie()
