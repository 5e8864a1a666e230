"""The tables and the SQL function, on the real database: who reads what, and who may call."""

from uuid import uuid4

import pytest

from local.description import Description
from tests.integration.permissions.accounts import Member, Rest, campaign, join, membership, snapshot


def test_somebody_unknown_holds_nothing(service: Rest) -> None:
    user_id = str(uuid4())
    answer = service.snapshot(user_id).raise_for_status().json()
    assert answer == {"userId": user_id, "roles": [], "permissions": [], "campaigns": {}}


def test_a_permission_is_held_where_the_role_is_and_nowhere_else(service: Rest, member: Member) -> None:
    ours, theirs = campaign(service), campaign(service)
    join(service, member, "clerk", ours)
    join(service, member, "analyst", theirs)
    held = snapshot(service, member)
    assert held.roles == {"clerk", "analyst"}
    assert held.permissions == {"voters:search", "signers:check", "charts:generate"}
    assert held.campaigns == {ours: {"voters:search", "signers:check"}, theirs: {"charts:generate"}}
    assert not held.allows("signers:check", campaign=theirs)


def test_a_membership_without_a_campaign_holds_for_every_one(service: Rest, member: Member) -> None:
    join(service, member, "organizer", None)
    assert snapshot(service, member).allows("charts:generate", campaign=campaign(service))


def test_a_role_without_permissions_is_a_role_all_the_same(service: Rest, member: Member) -> None:
    ours = campaign(service)
    join(service, member, "viewer", ours)
    join(service, member, "made-up", ours)
    held = snapshot(service, member)
    assert held.roles == {"viewer", "made-up"}
    assert not held.permissions
    assert held.campaigns == {ours: set()}


def test_a_deleted_campaign_takes_its_memberships_along_and_promotes_nobody(service: Rest, member: Member) -> None:
    ours = campaign(service)
    join(service, member, "organizer", ours)
    service.call("DELETE", f"campaigns?id=eq.{ours}").raise_for_status()
    assert not snapshot(service, member).permissions


def test_a_membership_is_held_once(service: Rest, member: Member) -> None:
    join(service, member, "viewer", None)
    again = service.call("POST", "memberships", {"user_id": member.id, "role": "viewer", "campaign_id": None})
    assert again.status_code == 409


def test_only_the_service_role_calls_the_function(member: Member, somebody: Rest, nobody: Rest) -> None:
    for answer in (somebody.snapshot(member.id), nobody.snapshot(member.id)):
        assert answer.status_code in {401, 403, 404}
        assert member.id not in answer.text


def test_a_member_reads_their_own_memberships_and_campaigns_alone(
    stack: Description, service: Rest, member: Member, somebody: Rest, nobody: Rest
) -> None:
    ours = campaign(service)
    join(service, member, "viewer", ours)
    assert [row["user_id"] for row in somebody.rows("memberships")] == [member.id]
    assert [row["id"] for row in somebody.rows("campaigns")] == [ours]
    assert somebody.rows("role_permissions") == []
    assert [nobody.rows(table) for table in ("memberships", "campaigns", "role_permissions")] == [[], [], []]
    assert {row["user_id"] for row in service.rows("memberships")} >= {member.id, stack.users.organizer.id}


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_nobody_gives_themselves_a_role(
    service: Rest, member: Member, somebody: Rest, nobody: Rest, method: str
) -> None:
    join(service, member, "viewer", None)
    row = membership(member, "organizer", None)
    path = "memberships" if method == "POST" else f"memberships?user_id=eq.{member.id}"
    somebody.call(method, path, row)
    nobody.call(method, path, row)
    somebody.call("POST", "role_permissions", {"role": "viewer", "permission": "voters:search"})
    assert snapshot(service, member).roles == {"viewer"}
    assert not snapshot(service, member).permissions
