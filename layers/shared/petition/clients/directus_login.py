"""Logins at Directus: their tokens, in this process and in the caller's browser.

A token is used for the credentials it was issued for and for no others.

Credentials that Directus refused are not tried again for a while: by this process, and through Redis by no other.
Directus suspends a user after 25 wrong passwords, counted over all processes. One search after the other with a
password that was rotated would get there within a minute.
"""

import time
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus

from redis import RedisError

from petition.clients import redis
from petition.clients.directus_answers import LoginAnswer
from petition.clients.directus_token import Credentials, Token, TokenCookie, token_cookie
from petition.config.rotating_setting import RotatingSetting
from petition.config.settings import SettingsError
from petition.deadline import Deadline
from petition.errors import UpstreamError
from petition.process_singleton import process_singleton
from petition.telemetry import logger, metrics
from petition.upstream.client import read_json, send_request

LOGIN_SECONDS = 8.0
# A token is not sent in its last seconds: the clocks of two machines differ, and the request takes its time.
EXPIRY_MARGIN_SECONDS = 10
REFUSED_SECONDS = 30
# Of the fingerprint: they tell one password from the next, and are too few to find it with, for who reads Redis.
MARK_CHARACTERS = 6


class LoginRefused(UpstreamError):
    """Directus does not take these credentials."""


@dataclass(frozen=True, slots=True)
class Logins:
    """The logins of this process, by the fingerprint of their credentials: as many as its environment can name.

    Attributes:
        tokens: those that Directus issued.
        refused_at: when it refused credentials, on the monotonic clock.
    """

    tokens: dict[str, Token] = field(default_factory=dict)
    refused_at: dict[str, float] = field(default_factory=dict)


@process_singleton
def logins() -> Logins:
    """The process's own."""
    return Logins()


def log_in(credentials: Credentials, deadline: Deadline) -> Token:
    """Sign in and get an access token.

    Raises:
        LoginRefused: Directus does not take the credentials, or did not take them just now.
        UpstreamError, UpstreamBusy, UpstreamTimeout: Directus fails, is busy, or does not answer.
    """
    if _are_refused(credentials):
        raise LoginRefused
    url, seconds = f"{credentials.endpoint}/auth/login", deadline.within(LOGIN_SECONDS)
    login = {"email": credentials.email, "password": credentials.password}
    response = send_request("POST", url, seconds=seconds, json={**login})
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        _note_refusal(credentials)
        raise LoginRefused
    session = read_json(response, LoginAnswer).data
    metrics.add_metric(name="DirectusLogin", unit="Count", value=1)
    return Token(value=session.access_token, expires=time.time() + session.expires / 1000 - EXPIRY_MARGIN_SECONDS)


@dataclass(slots=True)
class CallerLogin:
    """A login on behalf of a caller, whose browser keeps the token too.

    Attributes:
        credentials: who signs in, and where. They are read again where Directus refuses them.
        cookie_name: where the caller's browser keeps the token.
        cookie: what it sent under that name.
        set_cookies: the answer's Set-Cookie values, replaced as needed.
    """

    credentials: RotatingSetting[Credentials]
    deadline: Deadline
    cookie_name: str
    cookie: str | None
    set_cookies: list[str]
    _token: str | None = field(default=None, repr=False)

    @property
    def endpoint(self) -> str:
        """The address of the Directus."""
        return self.credentials.value.endpoint

    def token(self) -> str:
        """Find the token in this process or in the cookie, or sign in.

        Raises: as `log_in`.
        """
        self._token = self._token or self._find_token() or self.renew_token()
        return self._token

    def renew_token(self) -> str:
        """Forget the token and sign in, with the credentials as they are now where Directus refuses them.

        Raises: as `log_in`.
        """
        logins().tokens.pop(self.credentials.value.fingerprint, None)
        if self.cookie:
            self.set_cookies[:] = [TokenCookie.expire(self.cookie_name)]
        try:
            token = log_in(self.credentials.value, self.deadline)
        except LoginRefused:
            if not self.credentials.renew():
                raise
            token = log_in(self.credentials.value, self.deadline)
        logins().tokens[self.credentials.value.fingerprint] = token
        self._set_cookie(token)
        self._token = token.value
        return token.value

    def _find_token(self) -> str | None:
        credentials = self.credentials.value
        carried = token_cookie().read(self.cookie, credentials) if self.cookie else None
        carried = carried if carried and carried.is_live else None
        remembered = logins().tokens.get(credentials.fingerprint)
        if remembered and remembered.is_live:
            if carried is None:
                self._set_cookie(remembered)
            return remembered.value
        if carried and token_cookie().is_authentic:
            logins().tokens[credentials.fingerprint] = carried
        return carried.value if carried else None

    def _set_cookie(self, token: Token) -> None:
        self.set_cookies[:] = [token_cookie().header(self.cookie_name, token, self.credentials.value)]


def _are_refused(credentials: Credentials) -> bool:
    """Whether Directus refused these credentials less than `REFUSED_SECONDS` ago. Without Redis, this process only."""
    refused_at = logins().refused_at.get(credentials.fingerprint, float("-inf"))
    if time.monotonic() - refused_at < REFUSED_SECONDS:
        return True
    return _ask_redis("GET", credentials) == credentials.fingerprint[:MARK_CHARACTERS]


def _note_refusal(credentials: Credentials) -> None:
    """Let these credentials rest."""
    logins().refused_at[credentials.fingerprint] = time.monotonic()
    _ask_redis("SET", credentials, credentials.fingerprint[:MARK_CHARACTERS], "EX", str(REFUSED_SECONDS))


def _ask_redis(command: str, credentials: Credentials, *arguments: str) -> object:
    key = f"directus-refused-{sha256('\0'.join(credentials.user).encode()).hexdigest()}"
    try:
        if redis.connection().was_away:
            return None
        return redis.connection().execute_command(command, key, *arguments)
    except (RedisError, SettingsError):
        logger.warning("redis is away: refused credentials rest in this process alone")
        return None
