"""What tests of the search do: search, count what reaches Directus, and change what it holds."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
from redis import Redis

from essearch import app, common
from essearch.keys import columns_of
from local.services.directus_content import PERSONS
from tests.integration.lambda_process import Answer, post
from tests.recorder import Recorder

SECONDS = 10
COOKIE = "directus_token_search"
LOGIN = "POST", "/auth/login"
READ = "SEARCH", f"/items/{PERSONS}"

type Person = dict[str, Any]


def search(url_query: str = "", /, cookies: Mapping[str, str] | None = None, **criteria: object) -> Answer:
    """Search with the common credentials."""
    return look_up(criteria, url_query, cookies)


def look_up(criteria: Mapping[str, object], url_query: str = "", cookies: Mapping[str, str] | None = None) -> Answer:
    """As `search`, with criteria in one piece."""
    return post(common.handler, criteria, url_query=url_query, cookies=cookies)


def choose(credentials: Mapping[str, object], cookies: Mapping[str, str] | None = None, **criteria: object) -> Answer:
    """Search with credentials of the request's choice."""
    return post(app.handler, {"lastName": "Żukowski", **criteria, "credentials": credentials}, cookies=cookies)


def count_requests(recorder: Recorder) -> tuple[int, int]:
    """How many logins and how many reads have reached Directus; nothing else has."""
    logins, reads = recorder.count(*LOGIN), recorder.count(*READ)
    assert logins + reads == len(recorder.requests)
    return logins, reads


def forge(token: str, key: str, **claims: object) -> str:
    """The token with other claims, signed with another key."""
    return jwt.encode(jwt.decode(token, options={"verify_signature": False}) | claims, key)


def expire(token: str, key: str) -> str:
    """The token as it is an hour later."""
    return forge(token, key, iat=int(time.time()) - 4500, exp=int(time.time()) - 3600)


@dataclass
class Admin:
    """Directus's administrator."""

    client: httpx.Client

    @contextmanager
    def persons(self, *persons: Person, is_filled: bool = True) -> Iterator[None]:
        """Made-up persons, on the list for the length of a block, with their derived columns or without."""
        items = [{**person, **(columns_of(person) if is_filled else {})} for person in persons]
        ids = [self._do("POST", f"/items/{PERSONS}", item)["id"] for item in items]
        try:
            yield
        finally:
            self._do("DELETE", f"/items/{PERSONS}", ids)

    @contextmanager
    def change(self, path: str, **fields: object) -> Iterator[None]:
        """An item with other values for the length of a block."""
        before = self._do("GET", path)
        self._do("PATCH", path, fields)
        try:
            yield
        finally:
            self._do("PATCH", path, {name: before[name] for name in fields})

    def find_path(self, path: str, **filters: str) -> str:
        """The path of the one item that has these values."""
        query = {f"filter[{name}][_eq]": value for name, value in filters.items()}
        answer = self.client.get(path, params=query).raise_for_status().json()["data"]
        [item] = answer
        return f"{path}/{item['id']}"

    def _do(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - whatever Directus answers
        answer = self.client.request(method, path, json=body).raise_for_status()
        return answer.json()["data"] if answer.content else None


def forget_refusals(redis_url: str) -> None:
    """Let refused credentials be tried again, as if half a minute had passed."""
    with Redis.from_url(redis_url, socket_timeout=SECONDS) as redis:
        for key in redis.scan_iter("directus-refused-*"):
            redis.delete(key)
