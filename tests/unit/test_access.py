import json
from collections.abc import Mapping
from typing import Any

import pytest

from petition.auth import permissions
from petition.auth.access import Access, AccessSettings
from petition.auth.permissions import Authorization
from petition.auth.session import Session
from petition.clients import redis
from petition.errors import Forbidden, Unauthenticated
from petition.http import handler as http
from petition.http.handler import HttpResult, handler
from petition.http.route import Route
from petition.http.schema import Schema

USER = "0b0e3a52-6c3f-4d5b-9d2e-1f8f4f1f2a10"
GOOD = "good"


class Question(Schema):
    campaign_id: str


class Reply(Schema):
    heard: list[Any]


class Context:
    aws_request_id = "r"

    def get_remaining_time_in_millis(self) -> int:
        return 5000


class OneUser:
    """Knows a single good token."""

    def authenticate(self, headers: Mapping[str, str], _: Mapping[str, str]) -> Session:
        if headers.get("authorization") != f"Bearer {GOOD}":
            raise Unauthenticated
        return Session(user_id=USER, expires=2e9)


def authorize(_: Session, permission: str, *, campaign: str | None, **kept: object) -> Authorization:
    if (permission, campaign) != ("things:do", "mine"):
        raise Forbidden
    return Authorization(None, [kept["prefetch"]])


@pytest.fixture(autouse=True)
def _one_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "authenticator", OneUser)
    monkeypatch.setattr(permissions, "authorize", authorize)
    monkeypatch.setattr(redis, "connection", lambda: None)
    monkeypatch.setattr(redis, "run", lambda commands: [commands])


def ask(
    body: object, *, token: str | None = GOOD, permission: str | None = "things:do", can_be_open: bool = False
) -> HttpResult:
    rule: Access[Question] = Access(
        permission=permission,
        can_be_open=can_be_open,
        campaign=lambda question: question.campaign_id,
        prefetch=lambda question: (("GET", question.campaign_id),),
    )
    route = Route(path="/do", summary="", access=rule, request_model=Question, response_model=Reply)
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    answer = handler(route, lambda call: Reply(heard=[call.user_id, *call.replies]))
    return answer({"headers": headers, "body": json.dumps(body)}, Context())


def code(result: HttpResult) -> str:
    return str(json.loads(result["body"])["code"])


def heard_value(result: HttpResult) -> object:
    return json.loads(result["body"])["heard"]


def test_a_caller_who_may_is_answered_with_what_was_read_alongside() -> None:
    assert heard_value(ask({"campaignId": "mine"})) == [USER, [["GET", "mine"]]]


@pytest.mark.parametrize("token", [None, "bad"])
@pytest.mark.parametrize("body", [{"campaignId": "mine"}, {"nonsense": 1}, []])
def test_a_stranger_learns_nothing_but_that(token: str | None, body: object) -> None:
    result = ask(body, token=token)
    assert (result["statusCode"], code(result)) == (401, "unauthenticated")


def test_a_permission_counts_in_its_own_campaign() -> None:
    assert code(ask({"campaignId": "another"})) == "forbidden"


def test_a_body_that_names_another_user_is_refused() -> None:
    assert code(ask({"campaignId": "mine", "userId": "another"})) == "invalid_request"


def test_a_session_is_enough_where_no_permission_is_asked_for() -> None:
    assert heard_value(ask({"campaignId": "x"}, permission=None)) == [USER, [["GET", "x"]]]
    assert code(ask({"campaignId": "x"}, permission=None, token=None)) == "unauthenticated"


def test_a_route_that_can_be_open_is_closed_unless_said() -> None:
    assert code(ask({"campaignId": "mine"}, token=None, can_be_open=True)) == "unauthenticated"


def test_opening_answers_anybody_on_that_route_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "access_settings", lambda: AccessSettings(allow_anonymous=True))
    assert heard_value(ask({"campaignId": "x"}, token=None, can_be_open=True)) == [None, [["GET", "x"]]]
    assert code(ask({"campaignId": "mine"}, token=None)) == "unauthenticated"
