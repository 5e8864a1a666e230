"""The content of Supabase beside its migrations: a campaign with its signatures and charts, and two users."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from local import project
from local.accounts import Account
from local.demo import charts, signatures
from local.demo.campaign import CAMPAIGN_ID, GOAL, NAME

EVERY_CAMPAIGN = None


@dataclass(frozen=True)
class User:
    """Somebody who can sign in. `id` is the UUID in their sessions."""

    id: str
    account: Account


def script(last_day: date) -> str:
    """Return SQL that adds the campaign, a year of signatures up to `last_day`, and its generated charts."""
    campaign = f"insert into public.campaigns (id, name, goal) values ('{CAMPAIGN_ID}', '{NAME}', {GOAL});\n"  # noqa: S608 - our own constants
    generation = "select public.generate_chart(id) from public.charts;\n"
    return campaign + signatures.sql(last_day) + charts.sql(CAMPAIGN_ID) + generation


def create(url: str, secret_key: str, accounts: Mapping[str, Account]) -> None:
    """Create the users: the organizer holds that role in every campaign, anybody else holds none.

    Raises:
        AuthError, APIError: Supabase refused something.
        httpx.HTTPError: it stopped answering.
    """
    ids = {name: _sign_up(url, secret_key, account) for name, account in accounts.items()}
    organizer = {"user_id": ids["organizer"], "role": "organizer", "campaign_id": EVERY_CAMPAIGN}
    with project.connect(url, secret_key) as client:
        client.table("memberships").insert(organizer).execute()


def users(url: str, publishable_key: str, accounts: Mapping[str, Account]) -> dict[str, User]:
    """Sign the users in, and return them under the names of their accounts.

    Raises:
        AuthError: one cannot sign in.
        httpx.HTTPError: Supabase stopped answering.
    """
    return {
        name: User(project.sign_in(url, publishable_key, account.email, account.password)[0], account)
        for name, account in accounts.items()
    }


def _sign_up(url: str, key: str, account: Account) -> str:
    with project.connect(url, key) as client:
        user = client.auth.sign_up({"email": account.email, "password": account.password}).user
    if user is None:
        raise project.AuthError("Signing up gave no user.", None)
    return user.id
