"""The content of Directus: the voters, in two collections, and the user who may search one of them."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import cast

import httpx

from local.accounts import Account
from local.demo.voters import Voter, voters
from local.loopback import LOOPBACK
from local.services.postgres import Database
from local.services.search_columns import columns_of, search_fields

PERSONS = "persons"
CONTACTS = "person_contacts"
SECONDS = 60
# What somebody who collects signatures must see to tell two voters apart. The rest of the voter file is a collection of
# its own, closed to searches: without a licence key Directus refuses permissions for single fields of a collection.
PERSON_FIELDS = (
    *("voterId", "firstName", "middleName", "lastName", "suffix", "birthYear"),
    *("address", "city", "state", "zip", "county", "precinct", "status", "registrationDate"),
)
CONTACT_FIELDS = ("voterId", "gender", "party", "phone")
INDEXED = ("lastName", "firstName", "address", "zip", "city", "county", "birthYear")
TYPES = {"birthYear": "integer", "registrationDate": "date"}


async def create(url: str, database: Database, admin: Account, search: Account) -> None:
    """Create everything, in a fresh installation.

    Raises:
        httpx.HTTPError: Directus refused something.
    """
    async with httpx.AsyncClient(base_url=url, timeout=SECONDS, **LOOPBACK) as client:
        client.headers["Authorization"] = f"Bearer {await _token(client, admin)}"
        await _post(client, "/collections", persons_collection(PERSONS))
        await _post(client, "/collections", _collection(CONTACTS, map(_field, CONTACT_FIELDS)))
        # straight into the database: through the API they take half of the first start
        await database.copy(PERSONS, [_select(each, PERSON_FIELDS) | columns_of(each) for each in voters()])
        await database.copy(CONTACTS, [_select(each, CONTACT_FIELDS) for each in voters()])
        await _post(client, "/users", _user(search))


def persons_collection(name: str) -> dict[str, object]:
    """Return a collection of persons, with the derived columns."""
    return _collection(name, map(_field, PERSON_FIELDS), search_fields())


async def _token(client: httpx.AsyncClient, account: Account) -> str:
    answer = await _post(client, "/auth/login", {"email": account.email, "password": account.password})
    return cast("str", answer.json()["data"]["access_token"])


async def _post(client: httpx.AsyncClient, path: str, body: object) -> httpx.Response:
    return (await client.post(path, json=body)).raise_for_status()


def _select(voter: Voter, names: Iterable[str]) -> dict[str, object]:
    item = voter.item()
    return {name: item[name] for name in names}


def _collection(name: str, *fields: Iterable[Mapping[str, object]]) -> dict[str, object]:
    key = {"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}}
    # without an activity and a revision for each of the voters
    return {"collection": name, "schema": {}, "meta": {"accountability": None}, "fields": [key, *chain(*fields)]}


def _field(name: str) -> dict[str, object]:
    index = {"is_unique": True, "is_nullable": False} if name == "voterId" else {"is_indexed": name in INDEXED}
    return {"field": name, "type": TYPES.get(name, "string"), "schema": index, "meta": {}}


def _user(account: Account) -> dict[str, object]:
    permission = {"collection": PERSONS, "action": "read", "fields": ["*"]}
    policy = {"name": "search", "app_access": False, "admin_access": False, "permissions": [permission]}
    role = {"name": "search", "policies": [{"policy": policy}]}
    return {"email": account.email, "password": account.password, "role": role}
