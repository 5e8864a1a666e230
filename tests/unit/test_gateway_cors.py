import pytest

from local.gateway.cors import allows, on_answer, preflight
from local.gateway.events import Request, Response
from local.gateway.template import Cors

CORS = Cors(
    origins=("https://app.example.org", "https://other.example.org"),
    methods=("POST",),
    headers=("authorization", "content-type"),
    exposed=("x-request-id",),
    credentials=True,
    max_age=600,
)


def request(**headers: str) -> Request:
    return Request("id", "OPTIONS", "/", [(name.replace("_", "-"), value) for name, value in headers.items()])


def test_a_preflight_from_an_allowed_origin_is_told_what_is_allowed() -> None:
    response = preflight(CORS, request(Origin="https://app.example.org", Access_Control_Request_Method="POST"))

    assert response.status == 204
    assert dict(response.headers) == {
        "access-control-allow-origin": "https://app.example.org",
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "authorization,content-type",
        "access-control-max-age": "600",
    }


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example.org", "access_control_request_method": "POST"},
        {"origin": "https://app.example.org.evil.org", "access_control_request_method": "POST"},
        {"origin": "https://app.example.org"},
        {"access_control_request_method": "POST"},
        {"origin": "null", "access_control_request_method": "POST"},
        {},
    ],
)
def test_any_other_preflight_is_told_nothing(headers: dict[str, str]) -> None:
    assert preflight(CORS, request(**headers)) == Response(204, ())


def test_an_answer_carries_the_apis_headers_and_not_the_functions() -> None:
    answer = Response(200, (("access-control-allow-origin", "*"), ("x-own", "1")), b"x")

    allowed = on_answer(CORS, request(origin="https://app.example.org"), answer)
    other = on_answer(CORS, request(origin="https://evil.example.org"), answer)

    assert dict(allowed.headers) == {
        "x-own": "1",
        "access-control-allow-origin": "https://app.example.org",
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "x-request-id",
    }
    assert other.headers == (("x-own", "1"),)


def test_wildcards_cover_what_they_say() -> None:
    assert allows(Cors(origins=("*",)), "http://a.example")
    assert allows(Cors(origins=("https://*",)), "https://a.example")
    assert not allows(Cors(origins=("https://*",)), "http://a.example")
    assert dict(on_answer(Cors(origins=("*",)), request(origin="http://a"), Response(200, ())).headers) == {
        "access-control-allow-origin": "*"
    }


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:5173", True),
        ("http://localhost", True),
        ("https://localhost:5173", False),
        ("http://localhost.evil.example:5173", False),
        ("http://127.0.0.1:5173", False),
        ("null", False),
        ("", False),
    ],
)
def test_every_port_of_this_machine_can_be_listed(origin: str, *, allowed: bool) -> None:
    assert allows(Cors(origins=("http://localhost:*",)), origin) == allowed
