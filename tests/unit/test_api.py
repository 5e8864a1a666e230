import json
from collections.abc import Callable, Iterator
from http import HTTPStatus
from io import StringIO
from typing import Annotated, Any

import pytest
from msgspec import Meta

from petition import errors
from petition.auth.access import Access, AccessSettings
from petition.config.settings import Settings, SettingsError
from petition.errors import Detail, PetitionError
from petition.http import handler as http
from petition.http.handler import HttpResult, handler
from petition.http.request import HttpEvent
from petition.http.route import RequestContext, Route
from petition.http.schema import Schema
from tests.integration.lambda_process import capture_log

CONTRACT = {
    ("invalid_json", 400),
    ("unauthenticated", 401),
    ("forbidden", 403),
    ("not_found", 404),
    ("generation_in_progress", 409),
    ("body_too_large", 413),
    ("unsupported_media_type", 415),
    ("invalid_request", 422),
    ("invalid_chart", 422),
    ("internal_error", 500),
    ("upstream_error", 502),
    ("redis_unavailable", 503),
    ("upstream_busy", 503),
    ("upstream_timeout", 504),
}


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the functions log."""
    with capture_log() as stream:
        yield stream


class Greeting(Schema):
    first_name: Annotated[str, Meta(description="text")]
    age: int = 0


class Reply(Schema):
    greeting_text: str | None


class Context:
    aws_request_id = "from-lambda"

    def get_remaining_time_in_millis(self) -> int:
        return 5000


ROUTE = Route(
    path="/greet",
    summary="",
    access=Access(permission=None, can_be_open=True),
    request_model=Greeting,
    response_model=Reply,
)


@pytest.fixture(autouse=True)
def _open_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "access_settings", lambda: AccessSettings(allow_anonymous=True))


def post_event(body: object) -> HttpEvent:
    return {
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
        "requestContext": {"requestId": "from-gateway"},
    }


def ask(
    answer: Callable[[RequestContext[Greeting]], Reply], body: object = None, event: HttpEvent | None = None
) -> HttpResult:
    return handler(ROUTE, answer)(event or post_event({"firstName": "Ann"} if body is None else body), Context())


def body_of(result: HttpResult) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(result["body"])
    return parsed


def greet(call: RequestContext[Greeting]) -> Reply:
    return Reply(greeting_text=f"Hello {call.body.first_name}")


def fail_with(error: Exception) -> Callable[[RequestContext[Greeting]], Reply]:
    def answer(call: RequestContext[Greeting]) -> Reply:
        call.set_cookies.append("token=; Max-Age=0")
        raise error

    return answer


def every_error() -> list[type[PetitionError]]:
    return [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, PetitionError)]


def test_an_answer_has_the_contracts_names_and_headers() -> None:
    result = ask(greet)
    assert result["statusCode"] == 200
    assert body_of(result) == {"greetingText": "Hello Ann"}
    assert result["headers"] == {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "X-Request-Id": "from-gateway",
    }


def test_an_empty_value_is_part_of_an_answer() -> None:
    assert body_of(ask(lambda _: Reply(greeting_text=None))) == {"greetingText": None}


def test_without_a_gateway_the_request_id_is_lambdas() -> None:
    event: HttpEvent = {"headers": {"content-type": "application/json"}, "body": '{"firstName": "Ann"}'}
    assert ask(greet, event=event)["headers"]["X-Request-Id"] == "from-lambda"


def test_the_error_tree_is_the_contracts_table() -> None:
    assert {(error.code, error.status.value) for error in every_error()} == CONTRACT


@pytest.mark.parametrize("error", every_error())
def test_each_error_of_the_contract_has_its_answer(error: type[PetitionError]) -> None:
    result = ask(fail_with(error()))
    assert result["statusCode"] == error.status
    assert body_of(result) == {"error": error.message, "code": error.code, "requestId": "from-gateway"}
    assert result["headers"]["Cache-Control"] == "no-store"
    assert result["headers"]["X-Request-Id"] == "from-gateway"
    assert ("WWW-Authenticate" in result["headers"]) == (error.status == HTTPStatus.UNAUTHORIZED)


def test_an_error_carries_cookies_details_and_retry_after() -> None:
    result = ask(fail_with(errors.UpstreamBusy(retry_after=7, details=[Detail("a.b", "Too much")])))
    assert result["cookies"] == ["token=; Max-Age=0"]
    assert result["headers"]["Retry-After"] == "7"
    assert body_of(result)["details"] == [{"field": "a.b", "message": "Too much"}]


def test_cookies_of_one_request_are_not_the_nexts() -> None:
    route_handler = handler(ROUTE, fail_with(errors.UpstreamError()))
    route_handler(post_event({"firstName": "Ann"}), Context())
    assert route_handler(post_event({"firstName": "Ann"}), Context())["cookies"] == ["token=; Max-Age=0"]


def test_the_unforeseen_is_answered_in_general_and_logged_without_what_it_says(log: StringIO) -> None:
    result = ask(fail_with(ValueError("Ann Example lives here")))
    assert result["statusCode"] == 500
    assert body_of(result)["code"] == "internal_error"
    assert "ValueError" in log.getvalue()
    assert "test_api.py" in log.getvalue()
    assert "Ann Example" not in log.getvalue() + result["body"]


def test_a_wrong_setting_is_named_in_the_log_and_not_in_the_answer(log: StringIO) -> None:
    class SomeSettings(Settings):
        some_number: int
        some_url: str

    def answer(_: RequestContext[Greeting]) -> Reply:
        SomeSettings.load({"SOME_NUMBER": "seven"})
        raise AssertionError

    result = ask(answer)
    assert result["statusCode"] == 500
    assert "SOME" not in result["body"]
    assert "not set: SOME_URL; malformed: SOME_NUMBER" in log.getvalue()
    assert "seven" not in log.getvalue()


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({}, [{"field": "firstName", "message": "Is required"}]),
        ({"firstName": "Ann", "x": 1}, [{"field": "x", "message": "Is not a field of this request"}]),
        ({"first_name": "Ann"}, None),
        ({"firstName": 5}, [{"field": "firstName", "message": "Must be text"}]),
    ],
)
def test_wrong_values_are_told_by_field(body: object, details: object) -> None:
    result = ask(greet, body)
    assert result["statusCode"] == 422
    assert body_of(result)["code"] == "invalid_request"
    if details:
        assert body_of(result)["details"] == details


def test_details_are_bounded_and_echo_no_value() -> None:
    result = ask(greet, {"firstName": "Ann", "age": "SECRET"} | {f"x{'y' * 300}{n}": "SECRET" for n in range(30)})
    details = body_of(result)["details"]
    assert len(details) == 20
    assert max(len(detail["field"]) for detail in details) == 100
    assert "SECRET" not in result["body"]


def test_a_request_without_a_body_is_no_json_object() -> None:
    assert body_of(ask(greet, event={"requestContext": {"requestId": "r"}}))["code"] == "invalid_json"


def test_time_that_is_up_is_a_time_out() -> None:
    class Late(Context):
        def get_remaining_time_in_millis(self) -> int:
            return 400

    def answer(call: RequestContext[Greeting]) -> Reply:
        call.deadline.within(1)
        raise AssertionError

    assert handler(ROUTE, answer)(post_event({"firstName": "Ann"}), Late())["statusCode"] == 504


def test_a_request_that_a_wrong_setting_fails_is_counted_for_the_alarm(capsys: pytest.CaptureFixture[str]) -> None:
    ask(fail_with(SettingsError({"REDIS_URL": "not set"})))
    ask(fail_with(errors.UpstreamError()))

    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "ConfigurationErrors" in line]
    assert [line["ConfigurationErrors"] for line in counted] == [[1.0]]
