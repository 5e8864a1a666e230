"""What Directus holds: the voters, in two collections, and the user who may search one of them."""

from collections.abc import Iterable
from itertools import batched
from typing import cast

import httpx

from local.accounts import Account
from local.demo.voters import voters

PERSONS = "persons"
CONTACTS = "person_contacts"
BATCH = 1000
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


async def create(url: str, admin: Account, search: Account) -> None:
    """Create everything, in a fresh installation.

    Raises:
        httpx.HTTPError: Directus refused something.
    """
    items = [voter.item() for voter in voters()]
    async with httpx.AsyncClient(base_url=url, timeout=SECONDS, trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {await _token(client, admin)}"
        for collection, fields in ((PERSONS, PERSON_FIELDS), (CONTACTS, CONTACT_FIELDS)):
            await _post(client, "/collections", _collection(collection, fields))
            for batch in batched(items, BATCH, strict=False):
                rows = [{name: item[name] for name in fields} for item in batch]
                await _post(client, f"/items/{collection}", rows)
        await _post(client, "/users", _user(search))


async def _token(client: httpx.AsyncClient, account: Account) -> str:
    answer = await _post(client, "/auth/login", {"email": account.email, "password": account.password})
    return cast("str", answer.json()["data"]["access_token"])


async def _post(client: httpx.AsyncClient, path: str, body: object) -> httpx.Response:
    return (await client.post(path, json=body)).raise_for_status()


def _collection(name: str, fields: Iterable[str]) -> dict[str, object]:
    key = {"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}}
    # without an activity and a revision for each of the voters
    return {"collection": name, "schema": {}, "meta": {"accountability": None}, "fields": [key, *map(_field, fields)]}


def _field(name: str) -> dict[str, object]:
    index = {"is_unique": True, "is_nullable": False} if name == "voterId" else {"is_indexed": name in INDEXED}
    return {"field": name, "type": TYPES.get(name, "string"), "schema": index, "meta": {}}


def _user(account: Account) -> dict[str, object]:
    permission = {"collection": PERSONS, "action": "read", "fields": ["*"]}
    policy = {"name": "search", "app_access": False, "admin_access": False, "permissions": [permission]}
    role = {"name": "search", "policies": [{"policy": policy}]}
    return {"email": account.email, "password": account.password, "role": role}
