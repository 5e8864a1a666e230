"""Keeping a Directus token: in the warm process, and in a cookie of the caller's browser.

A token is used for the credentials it was issued for and for no others: the memory is keyed by their fingerprint, and
the cookie carries the fingerprint under its seal.
"""

from collections.abc import Callable
from dataclasses import dataclass

from petition.clients.directus import Credentials, LoginRefused, Token, TokenRejected, log_in
from petition.clients.directus_refusals import are_refused, note_refusal
from petition.clients.token_cookie import TokenCookie, token_cookie
from petition.deadline import Deadline
from petition.errors import UpstreamError
from petition.process_singleton import process_singleton
from petition.telemetry import metrics

MAX_REMEMBERED = 64


@dataclass(slots=True)
class DirectusSession:
    """A request's access to Directus with certain credentials.

    Attributes:
        cookie_name: where the caller's browser keeps the token.
        cookie: what it sent under that name.
        set_cookies: the answer's Set-Cookie values, added to as needed.
    """

    credentials: Credentials
    cookie_name: str
    cookie: str | None
    deadline: Deadline
    set_cookies: list[str]

    def run[Result](self, ask: Callable[[str], Result]) -> Result:
        """Call `ask` with a token; when it is rejected, sign in and call once more.

        So a request makes no login while a token is kept, one where none is, and one more at most. Credentials that
        Directus refused rest: see `petition.clients.directus_refusals`.

        Raises:
            PetitionError: what `ask` or the login raise; UpstreamError when a fresh token is rejected too.
        """
        try:
            return ask(self._kept() or self._new())
        except TokenRejected:
            metrics.add_metric(name="DirectusTokenRejected", unit="Count", value=1)
        try:
            return ask(self._new())
        except TokenRejected as error:
            raise UpstreamError from error

    def _kept(self) -> str | None:
        carried = self._carried()
        remembered = _memory().get(self.credentials.fingerprint)
        if remembered and remembered.is_live:
            if carried is None:
                self._set_cookie(remembered)
            return remembered.value
        if carried and token_cookie().is_authentic:
            self._remember(carried)
        return carried.value if carried else None

    def _carried(self) -> Token | None:
        token = token_cookie().read(self.cookie, self.credentials) if self.cookie else None
        return token if token and token.is_live else None

    def _new(self) -> str:
        self._forget()
        token = self._log_in()
        metrics.add_metric(name="DirectusLogin", unit="Count", value=1)
        self._remember(token)
        self._set_cookie(token)
        return token.value

    def _log_in(self) -> Token:
        if are_refused(self.credentials):
            raise LoginRefused
        try:
            return log_in(self.credentials, self.deadline)
        except LoginRefused:
            note_refusal(self.credentials)
            raise

    def _forget(self) -> None:
        """Also clears the cookie, which a login that succeeds then sets anew."""
        _memory().pop(self.credentials.fingerprint, None)
        if self.cookie:
            self.set_cookies[:] = [TokenCookie.expired(self.cookie_name)]

    def _remember(self, token: Token) -> None:
        memory = _memory()
        while len(memory) >= MAX_REMEMBERED:
            memory.pop(next(iter(memory)))
        memory[self.credentials.fingerprint] = token

    def _set_cookie(self, token: Token) -> None:
        self.set_cookies[:] = [token_cookie().header(self.cookie_name, token, self.credentials)]


@process_singleton
def _memory() -> dict[str, Token]:
    """The tokens of this process, by fingerprint; the oldest first."""
    return {}
