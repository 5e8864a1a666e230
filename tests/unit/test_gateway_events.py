import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.gateway.events import NotAnAnswerError, Request, message, to_event, to_response
from local.gateway.routing import Match
from local.gateway.template import Route

ROUTE = Match(Route("POST", "/api/charts/{id}", "Charts"), {"id": "7"})


def request(
    target: str = "/api/charts/7", *headers: tuple[str, str], body: bytes = b"", method: str = "POST"
) -> Request:
    received = datetime(2026, 11, 7, 1, 2, 3, 456_000, UTC)
    return Request("JKJaXmPLvHcESHA=", method, target, headers, body, "127.0.0.1", "HTTP/1.1", received)


def test_an_event_has_the_documented_fields_and_leaves_empty_ones_out() -> None:
    event = to_event(request("/api/charts/7", ("Host", "api.example.org:3000"), ("User-Agent", "curl/8")), ROUTE)

    assert event == {
        "version": "2.0",
        "routeKey": "POST /api/charts/{id}",
        "rawPath": "/api/charts/7",
        "rawQueryString": "",
        "headers": {
            "host": "api.example.org:3000",
            "user-agent": "curl/8",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "3000",
            "x-forwarded-proto": "http",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "local",
            "domainName": "api.example.org",
            "domainPrefix": "api",
            "http": {
                "method": "POST",
                "path": "/api/charts/7",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "curl/8",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "POST /api/charts/{id}",
            "stage": "$default",
            "time": "07/Nov/2026:01:02:03 +0000",
            "timeEpoch": 1794013323456,
        },
        "pathParameters": {"id": "7"},
        "isBase64Encoded": False,
    }


def test_headers_are_lower_case_and_joined_with_commas_while_cookies_stand_apart() -> None:
    event = to_event(request("/", ("X-A", "1"), ("x-a", "2"), ("Cookie", "a=1; b=2"), ("cookie", "c=3;")), ROUTE)

    assert event["headers"] == {
        "x-a": "1,2",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-port": "80",
        "x-forwarded-proto": "http",
    }
    assert event["cookies"] == ["a=1", "b=2", "c=3"]


def test_the_callers_own_forwarding_headers_are_extended_and_not_believed() -> None:
    event = to_event(request("/", ("X-Forwarded-For", "10.0.0.1"), ("X-Forwarded-Proto", "https")), ROUTE)

    headers = event["headers"]
    assert isinstance(headers, dict)
    assert headers["x-forwarded-for"] == "10.0.0.1, 127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"


def test_query_values_are_decoded_and_joined_and_the_raw_query_is_not() -> None:
    event = to_event(request("/?a=1&a=%C3%A9&b=&c=x+y&d"), ROUTE)

    assert event["rawQueryString"] == "a=1&a=%C3%A9&b=&c=x+y&d"
    assert event["queryStringParameters"] == {"a": "1,é", "b": "", "c": "x y", "d": ""}


def test_the_path_arrives_decoded() -> None:
    assert to_event(request("/a%20b/%C3%A9?q=%20"), ROUTE)["rawPath"] == "/a b/é"


@pytest.mark.parametrize(
    ("content_type", "is_text"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("text/plain", True),
        ("application/xml", True),
        ("application/javascript", True),
        ("application/x-www-form-urlencoded", False),
        ("application/vnd.api+json", False),
        ("application/octet-stream", False),
        ("", False),
    ],
)
def test_only_a_body_of_a_text_type_comes_as_text(content_type: str, *, is_text: bool) -> None:
    event = to_event(request("/", ("Content-Type", content_type), body=b"{}"), ROUTE)

    assert event["isBase64Encoded"] is not is_text
    assert event["body"] == ("{}" if is_text else "e30=")


def test_a_text_that_is_no_utf8_comes_as_base64() -> None:
    event = to_event(request("/", ("Content-Type", "application/json"), body=b"\xff"), ROUTE)

    assert (event["body"], event["isBase64Encoded"]) == ("/w==", True)


@given(st.text(), st.lists(st.tuples(st.text(), st.text())), st.binary())
def test_every_request_makes_an_event_that_json_can_hold(
    target: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    event = to_event(request(target, *headers, body=body), ROUTE)

    assert json.loads(json.dumps(event)) == event


def test_a_result_with_a_status_is_the_response() -> None:
    result = {"statusCode": 201, "headers": {"X-Number": 7, "X-Flag": True}, "cookies": ["a=1", "b=2"], "body": "é"}

    response = to_response(result)  # type: ignore[arg-type]  # a dict of mixed values is JSON, which mypy cannot infer

    assert response.status == 201
    assert response.headers == (
        ("x-number", "7"),
        ("x-flag", "true"),
        ("content-type", "text/plain;charset=UTF-8"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
    )
    assert response.body == "é".encode()


@pytest.mark.parametrize(
    ("result", "body"), [({"ok": True}, b'{"ok": true}'), ("text", b"text"), ([1], b"[1]"), (7, b"7"), (None, b"null")]
)
def test_a_result_without_a_status_is_the_body_of_a_200(result: object, body: bytes) -> None:
    response = to_response(result)  # type: ignore[arg-type]  # as above

    assert (response.status, response.headers, response.body) == (200, (("content-type", "application/json"),), body)


def test_a_base64_result_is_sent_as_bytes() -> None:
    body = base64.b64encode(b"\x00\xff").decode()

    assert to_response({"statusCode": 200, "isBase64Encoded": True, "body": body}).body == b"\x00\xff"


def test_headers_of_the_connection_stay_the_servers() -> None:
    response = to_response({"statusCode": 200, "headers": {"Content-Length": "5", "Transfer-Encoding": "chunked"}})

    assert response.headers == (("content-type", "text/plain;charset=UTF-8"),)


@pytest.mark.parametrize(
    "wrong",
    [
        {"statusCode": "many"},
        {"statusCode": True},
        {"statusCode": 99},
        {"statusCode": None},
        {"headers": ["a"]},
        {"headers": {"x": "a\r\nset-cookie: b=1"}},
        {"headers": {"x y": "1"}},
        {"headers": {"x": ["a"]}},
        {"cookies": "a=1"},
        {"cookies": ["a=1\nb"]},
        {"cookies": [1]},
        {"body": {"not": "text"}},
        {"body": "\udc80"},
        {"body": "%", "isBase64Encoded": True},
    ],
)
def test_a_result_of_the_wrong_shape_is_no_answer(wrong: dict[str, object]) -> None:
    with pytest.raises(NotAnAnswerError):
        to_response({"statusCode": 200, **wrong})  # type: ignore[dict-item]  # as above


def test_an_answer_of_the_gateway_is_json_without_spaces() -> None:
    assert message(404, "Not Found").body == b'{"message":"Not Found"}'
