"""The tables and the SQL function, on the real database: who reads what, and who may call."""

from contextlib import suppress
from typing import Literal
from uuid import uuid4

import pytest
from postgrest import APIError

from local.description import Description
from supabase import Client
from tests.integration.permissions.accounts import (
    Member,
    add_campaign,
    call_function,
    join,
    load_permissions,
    membership,
    read_rows,
)

DUPLICATE_KEY = "23505"  # https://www.postgresql.org/docs/current/errcodes-appendix.html


def test_somebody_unknown_holds_nothing(service: Client) -> None:
    user_id = str(uuid4())
    assert call_function(service, user_id) == {"userId": user_id, "roles": [], "permissions": [], "campaigns": {}}


def test_a_permission_is_held_where_the_role_is_and_nowhere_else(service: Client, member: Member) -> None:
    ours, theirs = add_campaign(service), add_campaign(service)
    join(service, member, "clerk", ours)
    join(service, member, "analyst", theirs)
    held = load_permissions(service, member)
    assert held.roles == {"clerk", "analyst"}
    assert held.permissions == {"voters:search", "signers:check", "charts:generate"}
    assert held.campaigns == {ours: {"voters:search", "signers:check"}, theirs: {"charts:generate"}}
    assert not held.allows("signers:check", campaign=theirs)


def test_a_membership_without_a_campaign_holds_for_every_one(service: Client, member: Member) -> None:
    join(service, member, "organizer", None)
    assert load_permissions(service, member).allows("charts:generate", campaign=add_campaign(service))


def test_a_role_without_permissions_is_a_role_all_the_same(service: Client, member: Member) -> None:
    ours = add_campaign(service)
    join(service, member, "viewer", ours)
    join(service, member, "made-up", ours)
    held = load_permissions(service, member)
    assert held.roles == {"viewer", "made-up"}
    assert not held.permissions
    assert held.campaigns == {ours: set()}


def test_a_deleted_campaign_takes_its_memberships_along_and_promotes_nobody(service: Client, member: Member) -> None:
    ours = add_campaign(service)
    join(service, member, "organizer", ours)
    service.table("campaigns").delete().eq("id", ours).execute()
    assert not load_permissions(service, member).permissions


def test_a_membership_is_held_once(service: Client, member: Member) -> None:
    join(service, member, "viewer", None)
    with pytest.raises(APIError) as refused:
        join(service, member, "viewer", None)
    assert refused.value.code == DUPLICATE_KEY


def test_only_the_service_role_calls_the_function(member: Member, nobody: Client) -> None:
    for client in (member.client, nobody):
        with pytest.raises(APIError, match="permission denied") as refused:
            call_function(client, member.id)
        assert member.id not in str(refused.value)


def test_a_member_reads_their_own_memberships_and_campaigns_alone(
    stack: Description, service: Client, member: Member, nobody: Client
) -> None:
    ours = add_campaign(service)
    join(service, member, "viewer", ours)
    assert [row["user_id"] for row in read_rows(member.client, "memberships")] == [member.id]
    assert [row["id"] for row in read_rows(member.client, "campaigns")] == [ours]
    assert read_rows(member.client, "role_permissions") == []
    assert [read_rows(nobody, table) for table in ("memberships", "campaigns", "role_permissions")] == [[], [], []]
    assert {row["user_id"] for row in read_rows(service, "memberships")} >= {member.id, stack.users.organizer.id}


@pytest.mark.parametrize("change", ["insert", "update", "delete"])
def test_nobody_gives_themselves_a_role(
    service: Client, member: Member, nobody: Client, change: Literal["insert", "update", "delete"]
) -> None:
    join(service, member, "viewer", None)
    for client in (member.client, nobody):
        with suppress(APIError):
            change_role(client, member, change)
    with suppress(APIError):
        member.client.table("role_permissions").insert({"role": "viewer", "permission": "voters:search"}).execute()
    held = load_permissions(service, member)
    assert held.roles == {"viewer"}
    assert not held.permissions


def change_role(client: Client, member: Member, change: Literal["insert", "update", "delete"]) -> None:
    row, table = membership(member, "organizer", None), client.table("memberships")
    match change:
        case "insert":
            table.insert(row).execute()
        case "update":
            table.update(row).eq("user_id", member.id).execute()
        case "delete":
            table.delete().eq("user_id", member.id).execute()
