"""A collection of Directus: read, count and change its items."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol
from urllib.parse import quote

import msgspec

from petition.clients.directus_answers import Counts, Items, Problems
from petition.deadline import Deadline
from petition.errors import UpstreamError
from petition.telemetry import metrics
from petition.upstream.client import Response, read_json, send_request
from petition.validation import JsonValue

ANSWER_SECONDS = 8.0
# It takes the query in its body: a voter's name never stands in a URL, which every proxy logs.
# https://directus.io/docs/guides/connect/query-parameters
SEARCH = "SEARCH"


class FieldRefused(UpstreamError):
    """Directus has no such field or collection, or does not show it to these credentials."""


class QueryRefused(UpstreamError):
    """Directus does not answer such a query, for instance one whose limit is above its own."""


REFUSALS: dict[int, type[UpstreamError]] = {HTTPStatus.FORBIDDEN: FieldRefused, HTTPStatus.BAD_REQUEST: QueryRefused}


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


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection of one Directus, read with one login."""

    name: str
    login: Login
    deadline: Deadline

    def read(self, query: dict[str, JsonValue]) -> list[dict[str, object]]:
        """The items that a query (filter, fields, sort, limit, offset) selects.

        Raises:
            FieldRefused, QueryRefused: Directus does not answer this query.
            UpstreamError, UpstreamBusy, UpstreamTimeout: Directus fails, takes no login, is busy, or does not answer.
        """
        return read_json(self._ask(SEARCH, {"query": query}), Items).data

    def count(self, condition: dict[str, JsonValue]) -> int:
        """How many items a filter selects. Slow on large collections: ask only when the answer is not known yet.

        Raises: as `read`.
        """
        response = self._ask(SEARCH, {"query": {"filter": condition, "aggregate": {"count": "*"}}})
        return int(read_json(response, Counts).data[0].count)

    def update(self, items: list[JsonValue]) -> None:
        """Change the given fields of items, each of which has its primary key: all of them, or none.

        Raises: as `read`.
        """
        if not self._ask("PATCH", items).is_success:
            raise UpstreamError

    def _ask(self, method: str, body: JsonValue) -> Response:
        """Ask with the login's token, and where it is rejected, with a new one."""
        response = self._send(method, body, self.login.token())
        if _rejects_token(response):
            metrics.add_metric(name="DirectusTokenRejected", unit="Count", value=1)
            response = self._send(method, body, self.login.renew_token())
        if _rejects_token(response):
            raise UpstreamError
        refusal = REFUSALS.get(response.status_code)
        if refusal:
            raise refusal
        return response

    def _send(self, method: str, body: JsonValue, token: str) -> Response:
        url = f"{self.login.endpoint}/items/{quote(self.name, safe='')}"
        headers, seconds = {"Authorization": f"Bearer {token}"}, self.deadline.within(ANSWER_SECONDS)
        return send_request(method, url, seconds=seconds, headers=headers, json=body)


def _rejects_token(response: Response) -> bool:
    """Whether it is a 401 of any kind, or a 403 INVALID_TOKEN: signed by another instance or with an old secret."""
    return response.status_code == HTTPStatus.UNAUTHORIZED or (
        response.status_code == HTTPStatus.FORBIDDEN and _read_code(response) == "INVALID_TOKEN"
    )


def _read_code(response: Response) -> str | None:
    try:
        return msgspec.json.decode(response.content, type=Problems).errors[0].extensions.code
    except (ValueError, IndexError, RecursionError):
        return None
