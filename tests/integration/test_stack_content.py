"""What the local stack holds once it is ready, and what it refuses."""

import json
import socket
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import pytest
from postgrest.types import JSON
from redis import Redis

from local.demo.signatures import signers
from local.description import Description, DirectusAccess, SupabaseAccess, UserAccess
from local.project import connect
from local.services.directus_content import CONTACTS, PERSONS
from tests.aws import sqs_client
from tests.recorder import Recorder

SECONDS = 10


def token(directus: DirectusAccess, email: str, password: str) -> str:
    answer = httpx.post(f"{directus.url}/auth/login", json={"email": email, "password": password}, timeout=SECONDS)
    value: str = answer.raise_for_status().json()["data"]["access_token"]
    return value


@pytest.fixture(scope="module")
def headers(directus: DirectusAccess) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(directus, directus.search_email, directus.search_password)}"}


def load_permissions(supabase: SupabaseAccess, user: UserAccess) -> dict[str, list[str]]:
    with connect(supabase.url, supabase.secret_key) as project:
        permission_set = project.rpc("permissions_snapshot", {"user_id": user.id}).execute().data
    return cast("dict[str, list[str]]", permission_set)


def test_the_file_is_what_the_design_promises(stack: Description) -> None:
    described = json.loads(stack.model_dump_json(by_alias=True))
    assert {name: sorted(part) if isinstance(part, dict) else "" for name, part in described.items()} == {
        "api": "",
        "supabase": ["publishableKey", "secretKey", "url"],
        "directus": ["adminEmail", "adminPassword", "searchEmail", "searchPassword", "url"],
        "redis": ["url"],
        "aws": ["url"],
        "users": ["organizer", "viewer"],
        "campaign": ["id", "signedVoterId", "unsignedVoterId"],
        "chart": ["id"],
    }
    assert sorted(described["users"]["viewer"]) == ["email", "id", "password"]


def test_the_search_user_finds_all_voters(directus: DirectusAccess, headers: dict[str, str]) -> None:
    answer = httpx.get(f"{directus.url}/items/{PERSONS}?aggregate[count]=voterId", headers=headers, timeout=SECONDS)
    assert int(answer.json()["data"][0]["count"]["voterId"]) == 5000


@pytest.mark.parametrize("path", [f"/items/{CONTACTS}", "/collections/directus_users", "/activity", "/policies"])
def test_the_search_user_reads_nothing_else(directus: DirectusAccess, headers: dict[str, str], path: str) -> None:
    answer = httpx.get(f"{directus.url}{path}", headers=headers, timeout=SECONDS)
    assert answer.status_code == 403


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_the_search_user_changes_nothing(directus: DirectusAccess, headers: dict[str, str], method: str) -> None:
    answer = httpx.request(
        method,
        f"{directus.url}/items/{PERSONS}/1".removesuffix("/1" if method == "POST" else ""),
        headers=headers,
        json={"lastName": "Nobody"},
        timeout=SECONDS,
    )
    assert answer.status_code == 403


def test_directus_answers_a_stranger_nothing(directus: DirectusAccess) -> None:
    assert httpx.get(f"{directus.url}/items/{PERSONS}", timeout=SECONDS).status_code == 403


def test_the_signers_are_in_redis(stack: Description) -> None:
    key = f"campaign:{stack.campaign.id}:signers"
    with Redis.from_url(stack.redis.url, socket_timeout=SECONDS) as client:
        assert client.smembers(key) == {*(voter.encode() for voter in signers()), b"*"}
        assert client.sismember(key, stack.campaign.signed_voter_id)
        assert not client.sismember(key, stack.campaign.unsigned_voter_id)


def test_the_organizer_has_every_permission_and_the_viewer_none(stack: Description) -> None:
    organizer = load_permissions(stack.supabase, stack.users.organizer)
    assert set(organizer["permissions"]) == {"voters:search", "signers:check", "charts:generate"}
    assert load_permissions(stack.supabase, stack.users.viewer)["permissions"] == []


def test_both_users_sign_in_and_see_what_concerns_them(stack: Description) -> None:
    def campaigns(user: UserAccess) -> list[JSON]:
        with connect(stack.supabase.url, stack.supabase.publishable_key) as project:
            signed_in = project.auth.sign_in_with_password({"email": user.email, "password": user.password}).user
            assert signed_in is not None
            assert signed_in.id == user.id
            return project.table("campaigns").select("id").execute().data

    assert {"id": stack.campaign.id} in campaigns(stack.users.organizer)
    assert campaigns(stack.users.viewer) == []


def test_all_charts_are_generated(stack: Description) -> None:
    with connect(stack.supabase.url, stack.supabase.secret_key) as project:
        rows = project.table("charts").select("id", "status", "data").execute().data
    charts = cast("list[dict[str, Any]]", rows)
    assert [chart["status"] for chart in charts] == ["ready"] * 6
    assert all(chart["data"]["rows"] for chart in charts)
    assert stack.chart.id in {chart["id"] for chart in charts}


def test_a_message_that_fails_too_often_goes_to_the_dead_letters(stack: Description) -> None:
    sqs = sqs_client(stack.aws.url)
    queue = sqs.get_queue_url(QueueName="ChartQueue")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"].endswith(":ChartDeadLetters")
    assert int(attributes["VisibilityTimeout"]) >= 160


def test_supabase_takes_no_request_without_a_key(supabase: SupabaseAccess) -> None:
    assert httpx.get(f"{supabase.url}/rest/v1/memberships", timeout=SECONDS).status_code == 401


def test_nothing_can_be_reached_from_another_machine(stack: Description) -> None:
    for url in (stack.api, stack.supabase.url, stack.directus.url, stack.redis.url, stack.aws.url):
        port = urlsplit(url).port or 0
        socket.create_connection(("127.0.0.1", port), timeout=SECONDS).close()
        # a server that listens on all addresses answers on this one too
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=SECONDS).close()


def test_the_recorder_counts_what_reaches_directus(directus: DirectusAccess, recorder: Recorder) -> None:
    with httpx.Client(base_url=recorder.url, timeout=SECONDS) as client:
        for _ in range(2):
            assert client.get("/server/ping").text == "pong"
    assert recorder.count("GET", "/server/ping") == 2
    assert recorder.connections == 1
    assert directus.url != recorder.url
