"""Which Directus credentials a search uses."""

import os
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Annotated, NamedTuple

from msgspec import Meta

from petition.clients.directus import Credentials
from petition.config import secrets
from petition.config.rotating_setting import RotatingSetting
from petition.config.settings import Settings
from petition.errors import UpstreamError
from petition.http.schema import Schema
from petition.process_singleton import process_singleton
from petition.telemetry import logger

MAX_KNOWN = 64
COMMON_URL = "DIRECTUS_URL_SEARCH"
COMMON_EMAIL = "DIRECTUS_API_EMAIL_SEARCH"
COMMON_PASSWORD = "DIRECTUS_API_PASSWORD_SEARCH"  # noqa: S105 - a variable's name

# Without the prefix, a caller could have any variable of the function sent somewhere.
type Key = Annotated[
    str,
    Meta(
        pattern=r"^DIRECTUS_[A-Z0-9_]{1,100}$(?!\n)",
        description="DIRECTUS_ followed by capital letters, digits and _",
    ),
]
# Goes into the cookie's name, so it is made of characters that cannot end one.
type Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$(?!\n)", description="1 to 64 letters, digits, _ or -")]


class ChosenCredentials(Schema):
    """Credentials by the names of the environment variables that hold them. What is not set falls back."""

    name: Name
    email_key: Key | None = None
    endpoint_key: Key | None = None
    password_key: Key | None = None

    @property
    def keys(self) -> "Keys":
        """What the credentials depend on."""
        return Keys(self.endpoint_key, self.email_key, self.password_key)


class Keys(NamedTuple):
    """Names of environment variables."""

    endpoint: str | None
    email: str | None
    password: str | None


class CommonEndpoint(Settings):
    """The Directus that searches use where the request names no other."""

    directus_url_search: str


class CommonLogin(Settings):
    """The login at the common endpoint, and nowhere else."""

    directus_api_email_search: str
    directus_api_password_search: str


type RotatingCredentials = RotatingSetting[Credentials]


def find_credentials(keys: Keys | None) -> RotatingCredentials:
    """The credentials that a request names, or for None the fixed ones, read once.

    Raises: as `choose` and `common`.
    """
    return _known()(keys)


@process_singleton
def _known() -> Callable[[Keys | None], RotatingCredentials]:
    return lru_cache(maxsize=MAX_KNOWN)(lambda keys: RotatingSetting(partial(choose, keys) if keys else common))


def common(environ: Mapping[str, str] = os.environ) -> Credentials:
    """The fixed credentials.

    Raises:
        SettingsError: one of the three variables is missing.
    """
    return _with_common_login(_endpoint(environ, None), environ)


def choose(keys: Keys, environ: Mapping[str, str] = os.environ) -> Credentials:
    """The credentials that a request names.

    Raises:
        UpstreamError: they do not make a login. One answer for a login that is not the endpoint's own and a password
            that Directus refuses. That what is not set falls back, which is the contract's, still tells what is set.
        SettingsError: a fallback is needed and missing.
    """
    endpoint = _endpoint(environ, keys.endpoint)
    is_common = endpoint == (_value(environ, COMMON_URL) or "").rstrip("/")
    email, password = _value(environ, keys.email), _value(environ, keys.password)
    if is_common and not (email and password):
        return _with_common_login(endpoint, environ)
    if not (email and password) or _misuses_common_login(email, password, environ, is_common=is_common):
        raise UpstreamError
    return Credentials(endpoint, email, password)


def _misuses_common_login(email: str, password: str, environ: Mapping[str, str], *, is_common: bool) -> bool:
    """Whether the common password would go elsewhere or as an e-mail, or another one be tried on the common user.

    Directus suspends a user after 25 wrong passwords (its `auth_login_attempts`): a caller could end all searches.
    """
    known = _value(environ, COMMON_PASSWORD)
    if email == known or (password == known and not is_common):
        return True
    return is_common and email.lower() == (_value(environ, COMMON_EMAIL) or "").lower() and password != known


def _value(environ: Mapping[str, str], key: str | None) -> str | None:
    try:
        return secrets.resolve(environ.get(key, "")).strip() or None if key else None
    except secrets.SecretError as error:
        logger.error("a secret of the searches cannot be read", extra={"variable": key, "reason": str(error)})
        raise UpstreamError from None


def _endpoint(environ: Mapping[str, str], key: str | None) -> str:
    return (_value(environ, key) or CommonEndpoint.load(environ).directus_url_search).rstrip("/")


def _with_common_login(endpoint: str, environ: Mapping[str, str]) -> Credentials:
    login = CommonLogin.load(environ)
    return Credentials(endpoint, login.directus_api_email_search, login.directus_api_password_search)
