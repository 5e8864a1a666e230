"""Somebody who has signed up, and what an administrator does for them in Supabase."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import msgspec
from postgrest import APIError

from local.description import SupabaseAccess
from local.project import connect
from petition.auth.permissions import PermissionSet
from supabase import Client

SECONDS: Final = 60


@dataclass(frozen=True)
class Member:
    """Somebody who has just signed up.

    Attributes:
        client: acts as them.
    """

    id: str
    token: str = field(repr=False)
    client: Client = field(repr=False)


@contextmanager
def sign_up(access: SupabaseAccess) -> Iterator[Member]:
    """Sign somebody up, who is signed in for the length of a block."""
    with connect(access.url, access.publishable_key) as client:
        answer = client.auth.sign_up({"email": f"{uuid4().hex}@example.org", "password": uuid4().hex})
        assert answer.user
        assert answer.session
        yield Member(answer.user.id, answer.session.access_token, client)


def read_rows(client: Client, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table that a client may read."""
    try:
        return client.table(table).select("*").execute().data  # type: ignore[return-value]  # rows
    except APIError:
        return []


def add_campaign(service: Client) -> str:
    """A new campaign's id."""
    (row,) = service.table("campaigns").insert({"name": "Parks", "goal": 100}).execute().data
    return str(row["id"])  # type: ignore[index,call-overload]  # a row


def membership(member: Member, role: str, campaign_id: str | None) -> dict[str, Any]:
    """A row of the table."""
    return {"user_id": member.id, "role": role, "campaign_id": campaign_id}


def join(service: Client, member: Member, role: str, campaign_id: str | None) -> None:
    """Give somebody a role, in a campaign or (None) in every one."""
    service.table("memberships").insert(membership(member, role, campaign_id)).execute()


def call_function(client: Client, user_id: str) -> Any:  # noqa: ANN401 - JSON
    """Call the SQL function."""
    return client.rpc("permissions_snapshot", {"user_id": user_id}).execute().data


def load_permissions(service: Client, member: Member) -> PermissionSet:
    """What somebody may do, according to the database."""
    return msgspec.convert(call_function(service, member.id), PermissionSet).require_owner(member.id)
