"""Logins at Directus: their tokens, in this process and in the caller's browser.

A token is used for the credentials it was issued for and for no others.
"""

import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

from petition.clients.directus_answers import LoginAnswer
from petition.clients.directus_refusals import are_refused, note_refusal
from petition.clients.directus_token import Credentials, Token, TokenCookie, token_cookie
from petition.config.rotating_setting import RotatingSetting
from petition.deadline import Deadline
from petition.errors import UpstreamError
from petition.process_singleton import process_singleton
from petition.telemetry import metrics
from petition.upstream.client import read_json, send_request

LOGIN_SECONDS = 8.0
# A token is not sent in its last seconds: the clocks of two machines differ, and the request takes its time.
EXPIRY_MARGIN_SECONDS = 10
MAX_TOKENS = 64


class LoginRefused(UpstreamError):
    """Directus does not take these credentials."""


@dataclass(frozen=True, slots=True)
class Logins:
    """The logins of this process, by the fingerprint of their credentials.

    Attributes:
        tokens: those that Directus issued, the oldest first.
    """

    tokens: dict[str, Token] = field(default_factory=dict)

    def remember(self, credentials: Credentials, token: Token) -> None:
        """Keep a token for other requests of this process."""
        while len(self.tokens) >= MAX_TOKENS:
            self.tokens.pop(next(iter(self.tokens)))
        self.tokens[credentials.fingerprint] = token


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
    if are_refused(credentials):
        raise LoginRefused
    url, seconds = f"{credentials.endpoint}/auth/login", deadline.within(LOGIN_SECONDS)
    login = {"email": credentials.email, "password": credentials.password}
    response = send_request("POST", url, seconds=seconds, json={**login})
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        note_refusal(credentials)
        raise LoginRefused
    session = read_json(response, LoginAnswer).data
    metrics.add_metric(name="DirectusLogin", unit="Count", value=1)
    return Token(value=session.access_token, expires=time.time() + session.expires / 1000 - EXPIRY_MARGIN_SECONDS)


class Login(Protocol):
    """What a collection is read with."""

    @property
    def endpoint(self) -> str:
        """The address of the Directus."""

    def token(self) -> str:
        """An access token."""

    def renew_token(self) -> str:
        """Another one, after Directus rejected the first."""


@dataclass(frozen=True, slots=True)
class FixedLogin:
    """A token that cannot be renewed, such as an administrator's."""

    endpoint: str
    value: str = field(repr=False)

    def token(self) -> str:
        """Get the token."""
        return self.value

    def renew_token(self) -> str:
        """Fail.

        Raises:
            UpstreamError: always.
        """
        raise UpstreamError


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
        """Forget the token and sign in.

        Raises: as `log_in`.
        """
        logins().tokens.pop(self.credentials.value.fingerprint, None)
        if self.cookie:
            self.set_cookies[:] = [TokenCookie.expire(self.cookie_name)]
        token = self._log_in()
        logins().remember(self.credentials.value, token)
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
            logins().remember(credentials, carried)
        return carried.value if carried else None

    def _log_in(self) -> Token:
        try:
            return log_in(self.credentials.value, self.deadline)
        except LoginRefused:
            if not self.credentials.renew():
                raise
        return log_in(self.credentials.value, self.deadline)

    def _set_cookie(self, token: Token) -> None:
        self.set_cookies[:] = [token_cookie().header(self.cookie_name, token, self.credentials.value)]
