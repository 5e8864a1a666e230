"""The part of Directus that is used here: log in, read items, count items.

Errors as seen on Directus 12.4: `{"errors": [{"message", "extensions": {"code"}}]}`. None of it is passed on.
"""

import time
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from msgspec import Meta, Struct

from petition.config.service_url import ServiceUrl
from petition.deadline import Deadline
from petition.errors import UpstreamError
from petition.upstream.client import Response, read_json, send_request
from petition.validation import JsonValue

ANSWER_SECONDS = 8.0


class TokenRejected(Exception):
    """Directus no longer takes this access token."""


class LoginRefused(UpstreamError):
    """Directus does not take these credentials."""


class FieldRefused(UpstreamError):
    """Directus has no such field or collection, or does not show it to these credentials."""


class QueryRefused(UpstreamError):
    """Directus does not answer such a query, for instance one whose limit is above its own."""


@dataclass(frozen=True)
class Credentials:
    """Who signs in to which Directus."""

    endpoint: ServiceUrl
    email: str = field(repr=False)
    password: str = field(repr=False)

    @property
    def user(self) -> tuple[str, str]:
        """Who it is, however the address and the e-mail are spelt."""
        return self.endpoint.origin, self.email.lower()

    @cached_property
    def fingerprint(self) -> str:
        """Tells credentials apart; changes with the password."""
        return sha256(f"{self.endpoint}\0{self.email}\0{self.password}".encode()).hexdigest()


REFUSALS: dict[int, type[UpstreamError]] = {HTTPStatus.FORBIDDEN: FieldRefused, HTTPStatus.BAD_REQUEST: QueryRefused}


class Token(Struct):
    """An access token and the moment (Unix time, seconds) from which it is not worth sending."""

    value: str
    expires: float

    @property
    def is_live(self) -> bool:
        """Whether sending it can succeed."""
        return time.time() < self.expires


class _Session(Struct):
    # It will stand in a header and, sealed, in a cookie, which browsers keep up to 4 KB of.
    access_token: Annotated[str, Meta(pattern=r"^[!-~]+\Z", max_length=2048)]
    expires: Annotated[int, Meta(lt=10**12)]  # milliseconds from now


class _Login(Struct):
    data: _Session


class _Items(Struct):
    data: list[dict[str, Any]]


class _Count(Struct):
    count: int | Annotated[str, Meta(pattern=r"^[0-9]{1,18}\Z")]  # PostgreSQL's drivers give text


class _Counts(Struct):
    data: tuple[_Count]


class _Extensions(Struct):
    code: str


class _Problem(Struct):
    extensions: _Extensions


class _Problems(Struct):
    errors: list[_Problem]


# A token is not sent in its last seconds: the clocks of two machines differ, and the request takes its time.
EXPIRY_MARGIN_SECONDS = 10


def log_in(credentials: Credentials, deadline: Deadline) -> Token:
    """Sign in and get an access token.

    Raises:
        LoginRefused: Directus does not take the credentials.
        UpstreamError, UpstreamBusy, UpstreamTimeout: Directus fails, is busy, or does not answer.
    """
    body: JsonValue = {"email": credentials.email, "password": credentials.password}
    seconds = deadline.within(ANSWER_SECONDS)
    response = send_request("POST", f"{credentials.endpoint}/auth/login", seconds=seconds, json=body)
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        raise LoginRefused
    session = read_json(response, _Login).data
    return Token(value=session.access_token, expires=time.time() + session.expires / 1000 - EXPIRY_MARGIN_SECONDS)


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection of one Directus, read with one token."""

    endpoint: str
    name: str
    token: str = field(repr=False)
    deadline: Deadline

    def read(self, query: dict[str, JsonValue]) -> list[dict[str, object]]:
        """The items that a query (filter, fields, sort, limit, offset) selects.

        Raises:
            TokenRejected: the token is expired, revoked, or not of this Directus.
            FieldRefused, QueryRefused: Directus does not answer this query.
            UpstreamError, UpstreamBusy, UpstreamTimeout: Directus fails, is busy, or does not answer.
        """
        return read_json(self._search(query), _Items).data

    def count(self, condition: dict[str, JsonValue]) -> int:
        """How many items a filter selects. Slow on large collections: ask only when the answer is not known yet.

        Raises: as `read`.
        """
        answer = self._search({"filter": condition, "aggregate": {"count": "*"}})
        return int(read_json(answer, _Counts).data[0].count)

    def update(self, items: list[JsonValue]) -> None:
        """Change the given fields of items, each of which has its primary key: all of them, or none.

        Raises: as `read`.
        """
        if not self._send("PATCH", items).is_success:
            raise UpstreamError

    def _search(self, query: dict[str, JsonValue]) -> Response:
        # SEARCH takes the query in its body: a voter's name never stands in a URL, which every proxy logs.
        # https://directus.io/docs/guides/connect/query-parameters
        return self._send("SEARCH", {"query": query})

    def _send(self, method: str, body: JsonValue) -> Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.endpoint}/items/{quote(self.name, safe='')}"
        seconds = self.deadline.within(ANSWER_SECONDS)
        answer = send_request(method, url, seconds=seconds, headers=headers, json=body)
        if _rejects_token(answer):
            raise TokenRejected
        refusal = REFUSALS.get(answer.status_code)
        if refusal:
            raise refusal
        return answer


def _rejects_token(answer: Response) -> bool:
    """Whether it is a 401 of any kind, or a 403 INVALID_TOKEN: signed by another instance or with an old secret."""
    return answer.status_code == HTTPStatus.UNAUTHORIZED or (
        answer.status_code == HTTPStatus.FORBIDDEN and _code(answer) == "INVALID_TOKEN"
    )


def _code(answer: Response) -> str | None:
    try:
        return msgspec.json.decode(answer.content, type=_Problems).errors[0].extensions.code
    except (ValueError, IndexError, RecursionError):
        return None
