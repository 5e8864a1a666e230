"""The collection of voters in Directus, as an administrator may change it."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any, Self

import httpx

from essearch.columns import FOLDED
from essearch.keys import columns_of
from essearch.settings import PersonsSettings

SECONDS = 120
# What searches look for: without an index each of them reads the whole collection.
INDEXED = ("lastName", "firstName", "address", "zip", "city", "county", "birthYear")
TYPES = {"birthYear": "integer", "registrationDate": "date"}

type Item = dict[str, Any]


class DirectusError(Exception):
    """Directus refused something. The message is its own, which names fields and no values."""


class AdminLogin(httpx.Auth):
    """Signs in, and again when the token has expired: an import may take longer than a token lives."""

    requires_response_body = True

    def __init__(self, url: str, email: str, password: str) -> None:
        self._login = httpx.Request("POST", f"{url}/auth/login", json={"email": email, "password": password})
        self._token = ""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Send the request with a token. After a 401, send it once more with a new one."""
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
            answer = yield request
            if answer.status_code != HTTPStatus.UNAUTHORIZED:
                return
        login = yield self._login
        if login.is_error:
            raise DirectusError("Directus refuses the e-mail address or the password of the administrator.")
        self._token = login.json()["data"]["access_token"]
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


@dataclass(frozen=True)
class Collection:
    """A collection of voters.

    Attributes:
        client: signed in as an administrator.
        name: the collection's.
        fields: its field for each of a voter's, where it has another name.
        derived: its field for each column of close searches, if it has them.
    """

    client: httpx.Client
    name: str
    fields: Mapping[str, str] = field(default_factory=dict)
    derived: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_settings(cls, client: httpx.Client) -> Self:
        """Return the collection that the functions search, by the same settings.

        Raises:
            petition.config.settings.SettingsError: one of them is not a JSON object of strings.
        """
        settings = PersonsSettings.load()
        return cls(client, settings.persons_collection, settings.persons_fields or {}, settings.fields.derived)

    def prepare(self, wanted: Iterable[str]) -> list[str]:
        """Create the collection, or its missing fields and indexes.

        Returns:
            the names of what was created.
        """
        names = [self._field(field) for field in wanted]
        there = self.client.get(f"/fields/{self.name}")
        if there.status_code == HTTPStatus.FORBIDDEN:  # Directus' word for "not found"
            key = {"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}}
            body = {"collection": self.name, "schema": {}, "meta": {"accountability": None}}
            self._send("POST", "/collections", body | {"fields": [key, *names]})
            return [self.name]
        existing = {field["field"]: field.get("schema") or {} for field in _data(there)}
        return [made for field in names if (made := self._complete(field, existing))]

    @cached_property
    def key(self) -> str:
        """The primary key: a number of Directus' own, or the voter's id."""
        return next(name for name, schema in self._schemas.items() if schema.get("is_primary_key"))

    @cached_property
    def _columns(self) -> Mapping[str, str]:
        """The field for each column of close searches that the collection has."""
        return {column: name for column, name in self.derived.items() if name in self._schemas}

    @cached_property
    def _schemas(self) -> Mapping[str, Mapping[str, Any]]:
        fields = self._send("GET", f"/fields/{self.name}")
        return {str(each["field"]): each.get("schema") or {} for each in fields}

    def _field(self, field: str) -> Item:
        unique, indexed = field == "voterId", field in INDEXED
        schema = {"is_unique": True, "is_nullable": False} if unique else {"is_indexed": indexed}
        return {
            "field": self.fields.get(field, field),
            "type": TYPES.get(field, "string"),
            "schema": schema,
            "meta": {},
        }

    def _complete(self, field: Item, existing: Mapping[str, Item]) -> str | None:
        """Create a field, or its missing index.

        Returns:
            the name of what was created; None if nothing was missing.
        """
        name = field["field"]
        if name not in existing:
            self._send("POST", f"/fields/{self.name}", field)
            return str(name)
        wanted = {key: True for key in ("is_unique", "is_indexed") if field["schema"].get(key)}
        has = existing[name]
        if has.get("is_primary_key") or all(has.get(key) or has.get("is_unique") for key in wanted):
            return None
        self._send("PATCH", f"/fields/{self.name}/{name}", {"schema": wanted})
        return f"an index of {name}"

    def find(self, voters: Sequence[Item]) -> dict[str, Item]:
        """Find the voters that exist already.

        Returns:
            by voterId: the primary key, the fields of `voters`, and the fields that `complete` needs.
        """
        voter_id = self.fields.get("voterId", "voterId")
        sources = [each for each in FOLDED.values() if self.fields.get(each, each) in self._schemas]
        wanted = [*voters[0], *([*sources, *self._columns] if self._columns else [])]
        names = {each: self._name(each) for each in wanted}
        query = {
            "filter": {voter_id: {"_in": [voter["voterId"] for voter in voters]}},
            "fields": [*{self.key, *names.values()}],
            "limit": len(voters),
        }
        found = self._send("SEARCH", f"/items/{self.name}", {"query": query})
        return {
            str(item[voter_id]): {self.key: item[self.key]} | {each: item[name] for each, name in names.items()}
            for item in found
        }

    def complete(self, voter: Item, stored: Item) -> Item:
        """Return a voter with the columns of close searches, made from the file's fields and the stored ones."""
        columns = columns_of({**stored, **voter}) if self._columns else {}
        return voter | {column: columns[column] for column in self._columns}

    def create(self, voters: Sequence[Item]) -> None:
        """Add voters."""
        self._send("POST", f"/items/{self.name}", [self._item(voter) for voter in voters])

    def update(self, voters: Sequence[Item]) -> None:
        """Change voters that have a key."""
        self._send("PATCH", f"/items/{self.name}", [self._item(voter) for voter in voters])

    def _item(self, voter: Item) -> Item:
        return {self._name(each): value for each, value in voter.items()}

    def _name(self, each: str) -> str:
        return self._columns.get(each) or self.fields.get(each, each)

    def _send(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        return _data(self.client.request(method, path, json=body))


def _data(answer: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    if answer.is_error:
        errors = answer.json().get("errors") or [{}] if "json" in answer.headers.get("content-type", "") else [{}]
        code = errors[0].get("extensions", {}).get("code", answer.status_code)
        raise DirectusError(
            f"Directus answered {answer.status_code} {code} to {answer.request.method} {answer.request.url.path}."
        )
    return answer.json()["data"] if answer.content else None
