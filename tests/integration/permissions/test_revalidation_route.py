"""The whole way: a role changes in the database, the person revalidates, the next request sees it."""

import json
from uuid import uuid4

import httpx
import pytest
from redis import Redis

from local.description import Description
from local.loopback import LOOPBACK
from petition.auth.permissions import tag
from supabase import Client
from tests.integration.permissions.accounts import SECONDS, Member, add_campaign, join


def revalidate(stack: Description, member: Member, **request: object) -> httpx.Response:
    headers = {"authorization": f"Bearer {member.token}", **request.pop("headers", {})}  # type: ignore[dict-item]
    url = f"{stack.api}/api/permissions/revalidate"
    return httpx.post(url, headers=headers, timeout=SECONDS, **request, **LOOPBACK)  # type: ignore[arg-type]


def check(stack: Description, member: Member, campaign_id: str) -> int:
    body = {"campaignId": campaign_id, "voterId": "1"}
    headers = {"authorization": f"Bearer {member.token}"}
    return httpx.post(f"{stack.api}/api/duplicate", headers=headers, json=body, timeout=SECONDS, **LOOPBACK).status_code


def test_a_new_role_counts_from_the_request_after_the_revalidation(
    stack: Description, service: Client, member: Member
) -> None:
    ours = add_campaign(service)
    assert check(stack, member, ours) == 403
    join(service, member, "clerk", ours)
    assert check(stack, member, ours) == 403
    assert revalidate(stack, member).status_code == 200
    assert check(stack, member, ours) == 200
    assert check(stack, member, add_campaign(service)) == 403


def test_so_does_a_role_that_was_taken_away(stack: Description, service: Client, member: Member) -> None:
    ours = add_campaign(service)
    join(service, member, "clerk", ours)
    assert check(stack, member, ours) == 200
    service.table("memberships").delete().eq("user_id", member.id).execute()
    assert check(stack, member, ours) == 200
    assert revalidate(stack, member).status_code == 200
    assert check(stack, member, ours) == 403


@pytest.mark.parametrize("way", ["body", "query", "header", "path"])
def test_nobody_revalidates_for_somebody_else(stack: Description, member: Member, way: str) -> None:
    other = str(uuid4())
    names = dict.fromkeys(("userId", "user_id", "sub", "id", "tag", "user"), other)
    with Redis.from_url(stack.redis.url, socket_timeout=5) as redis:
        redis.set(tag(other), "theirs", ex=60)
        answer = _revalidate_for_other(stack, member, way, names)
        assert redis.get(tag(other)) == b"theirs"
    assert answer.status_code in ({404} if way == "path" else {200})
    assert other not in answer.text


def _revalidate_for_other(stack: Description, member: Member, way: str, names: dict[str, str]) -> httpx.Response:
    if way == "body":
        answer = revalidate(stack, member, json=names)
    elif way == "query":
        answer = revalidate(stack, member, params=names)
    elif way == "header":
        answer = revalidate(stack, member, headers={f"x-{name}": value for name, value in names.items()})
    else:
        url = f"{stack.api}/api/permissions/revalidate/{names['id']}"
        return httpx.post(url, headers={"authorization": f"Bearer {member.token}"}, timeout=SECONDS, **LOOPBACK)
    assert answer.json()["tag"] == tag(member.id)
    return answer


@pytest.mark.parametrize("body", [b"", b"{}", json.dumps({"a": [1]}).encode()])
def test_a_body_is_not_needed_and_does_no_harm(stack: Description, member: Member, body: bytes) -> None:
    answer = revalidate(stack, member, content=body, headers={"content-type": "application/json"})
    assert answer.json() == {"ok": True, "revalidated": True, "tag": tag(member.id)}
