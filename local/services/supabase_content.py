"""What Supabase holds beside its migrations: a campaign with its signatures and charts, and two users."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

import httpx

from local.accounts import Account
from local.demo import charts
from local.demo.campaign import CAMPAIGN_ID, GOAL, NAME

SECONDS = 30
EVERY_CAMPAIGN = None


@dataclass(frozen=True)
class User:
    """Somebody who can sign in; `id` is the UUID of their sessions."""

    id: str
    account: Account


def script(last_day: date) -> str:
    """SQL that adds the campaign, a year of signatures up to `last_day`, and its charts, generated."""
    campaign = f"insert into public.campaigns (id, name, goal) values ('{CAMPAIGN_ID}', '{NAME}', {GOAL});\n"  # noqa: S608 - our own constants
    return f"{campaign}{charts.sql(CAMPAIGN_ID, last_day)}\nselect public.generate_chart(id) from public.charts;\n"


async def create(url: str, secret_key: str, accounts: Mapping[str, Account]) -> None:
    """Create the users: the organizer holds that role in every campaign, anybody else holds none.

    Raises:
        httpx.HTTPError: Supabase refused something.
    """
    async with _client(url, secret_key) as client:
        ids = {name: await _id(client, "signup", account) for name, account in accounts.items()}
        organizer = {"user_id": ids["organizer"], "role": "organizer", "campaign_id": EVERY_CAMPAIGN}
        await _post(client, "/rest/v1/memberships", organizer)


async def users(url: str, secret_key: str, accounts: Mapping[str, Account]) -> dict[str, User]:
    """The users under the names of their accounts, as signing in shows them.

    Raises:
        httpx.HTTPError: one cannot sign in.
    """
    async with _client(url, secret_key) as client:
        ids = await asyncio.gather(*(_id(client, "token?grant_type=password", each) for each in accounts.values()))
    return {name: User(user, accounts[name]) for name, user in zip(accounts, ids, strict=True)}


def _client(url: str, secret_key: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers={"apikey": secret_key}, timeout=SECONDS, trust_env=False)


async def _id(client: httpx.AsyncClient, way: str, account: Account) -> str:
    answer = await _post(client, f"/auth/v1/{way}", {"email": account.email, "password": account.password})
    return cast("str", answer.json()["user"]["id"])


async def _post(client: httpx.AsyncClient, path: str, body: object) -> httpx.Response:
    return (await client.post(path, json=body)).raise_for_status()
