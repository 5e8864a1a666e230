"""A collection of Directus: sign in, and read, count and change its items."""

from dataclasses import dataclass, field
from functools import cache, partial
from http import HTTPStatus
from urllib.parse import quote

import msgspec

from petition.clients.directus_answers import CountAnswer, ItemsAnswer, Problems
from petition.clients.directus_login import LoginRefused, log_in, logins
from petition.clients.directus_token import Credentials, Token, TokenCookie, token_cookie
from petition.config.rotating_setting import RotatingSetting
from petition.deadline import Deadline
from petition.errors import UpstreamError
from petition.telemetry import metrics
from petition.upstream.client import Response, read_json, send_request
from petition.validation import JsonValue

ANSWER_SECONDS = 8.0
# It takes the query in its body: a voter's name is never in a URL, which every proxy logs.
# https://directus.io/docs/guides/connect/query-parameters
SEARCH = "SEARCH"


class FieldRefused(UpstreamError):
    """Directus has no such field or collection, or does not show it to these credentials."""


class QueryRefused(UpstreamError):
    """Directus refuses such a query, for instance one whose limit is above its own."""


_quote = cache(partial(quote, safe=""))
REFUSAL_ERRORS: dict[int, type[UpstreamError]] = {
    HTTPStatus.FORBIDDEN: FieldRefused,
    HTTPStatus.BAD_REQUEST: QueryRefused,
}


@dataclass(slots=True)
class Collection:
    """One collection of one Directus, read with one login.

    A token is used only for the credentials it was issued for. It is kept in this process and, if the cookie has
    a name, in the caller's browser too.

    Attributes:
        name: the collection's.
        credentials: who signs in, and where. They are read again if Directus refuses them.
        cookie_name: where the caller's browser keeps the token; "" if it does not.
        cookie: what the browser sent under that name.
        set_cookies: the answer's Set-Cookie values, replaced as needed.
        token: what is sent. If there is none, it comes from the process, the cookie or a login.
    """

    name: str
    credentials: RotatingSetting[Credentials]
    deadline: Deadline
    cookie_name: str = ""
    cookie: str | None = field(default=None, repr=False)
    set_cookies: list[str] = field(default_factory=list, repr=False)
    token: str | None = field(default=None, repr=False)

    def read(self, query: dict[str, JsonValue]) -> list[dict[str, object]]:
        """Return the items that a query (filter, fields, sort, limit, offset) selects.

        Raises:
            FieldRefused, QueryRefused: Directus refuses this query.
            UpstreamError, UpstreamBusy, UpstreamTimeout: Directus fails, refuses a login, is busy, or does not answer.
        """
        return read_json(self._ask(SEARCH, {"query": query}), ItemsAnswer).data

    def count(self, condition: dict[str, JsonValue]) -> int:
        """Count the items that a filter selects. Slow on large collections: ask only when the answer is not known yet.

        Raises: as `read`.
        """
        response = self._ask(SEARCH, {"query": {"filter": condition, "aggregate": {"count": "*"}}})
        return int(read_json(response, CountAnswer).data[0].count)

    def update(self, items: list[JsonValue]) -> None:
        """Change the given fields of items, each of which has its primary key: all of them, or none.

        Raises: as `read`.
        """
        if not self._ask("PATCH", items).is_success:
            raise UpstreamError

    def _ask(self, method: str, body: JsonValue) -> Response:
        """Ask with the token, and if it is rejected, with a new one."""
        response = self._send(method, body, self.token or self._find_token() or self._renew_token())
        if _rejects_token(response):
            metrics.add_metric(name="DirectusTokenRejected", unit="Count", value=1)
            response = self._send(method, body, self._renew_token())
            if _rejects_token(response):
                raise UpstreamError
        error = REFUSAL_ERRORS.get(response.status_code)
        if error:
            raise error
        return response

    def _send(self, method: str, body: JsonValue, token: str) -> Response:
        self.token = token
        url = f"{self.credentials.value.endpoint}/items/{_quote(self.name)}"
        headers, seconds = {"Authorization": f"Bearer {token}"}, self.deadline.within(ANSWER_SECONDS)
        return send_request(method, url, seconds=seconds, headers=headers, json=body)

    def _find_token(self) -> str | None:
        """Return a token that this process or the caller's browser keeps."""
        credentials = self.credentials.value
        carried = token_cookie().read(self.cookie, credentials) if self.cookie else None
        carried = carried if carried and carried.is_live else None
        kept = logins().tokens.get(credentials.fingerprint)
        if kept and kept.is_live:
            if carried is None:
                self._set_cookie(kept)
            return kept.value
        if carried and token_cookie().is_authentic:
            logins().tokens[credentials.fingerprint] = carried
        return carried.value if carried else None

    def _renew_token(self) -> str:
        """Drop the token and sign in. If Directus refuses the credentials and they were rotated, try the new ones."""
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
        return token.value

    def _set_cookie(self, token: Token) -> None:
        if self.cookie_name:
            self.set_cookies[:] = [token_cookie().header(self.cookie_name, token, self.credentials.value)]


def _rejects_token(response: Response) -> bool:
    """Check for a 401 of any kind, or a 403 INVALID_TOKEN: signed by another instance or with an old secret."""
    return response.status_code == HTTPStatus.UNAUTHORIZED or (
        response.status_code == HTTPStatus.FORBIDDEN and _read_code(response) == "INVALID_TOKEN"
    )


def _read_code(response: Response) -> str | None:
    try:
        return msgspec.json.decode(response.content, type=Problems).errors[0].extensions.code
    except (ValueError, IndexError, RecursionError):
        return None
