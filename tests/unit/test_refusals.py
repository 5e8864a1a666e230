"""What a developer learns about a refused request, and what not."""

import base64
import json
import time
from collections.abc import Sequence

import jwt
import pytest

from local.gateway.events import Request
from local.gateway.exchange import Exchange
from local.refusals import Refusals
from local.request_lines import RequestLines

SECRET = "made up, and longer than thirty-two bytes"
COOKIE = "sb-localhost-auth-token"
USER = "5f0c2a4e-7d31-4b8e-9a16-3c0de2f4b7a1"
LOOKED = f"no session; looked for cookie {COOKIE}, found"
REFUSALS = Refusals(COOKIE, SECRET)
type Headers = Sequence[tuple[str, str]]


def token(secret: str = SECRET, seconds: float = 86_400, audience: str = "authenticated") -> str:
    return jwt.encode({"sub": USER, "aud": audience, "exp": time.time() + seconds}, secret)


def cookie_value(value: str) -> str:
    return f"base64-{base64.urlsafe_b64encode(json.dumps({'access_token': value}).encode()).decode().rstrip('=')}"


def exchange(
    status: int = 401, body: object = None, headers: Headers = (), route: str | None = "POST /api/x"
) -> Exchange:
    request = Request("id-1", "POST", "/api/x", headers)
    return Exchange(request, route, status, (), json.dumps(body).encode(), 0.0042)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ([], f"{LOOKED} no cookie"),
        (
            [("Cookie", "theme=dark; a=b")],
            f"{LOOKED} 2 other cookies",
        ),
        (
            [("Cookie", "sb-127-auth-token=abc")],
            f"{LOOKED} sb-127-auth-token",
        ),
        (
            [("Cookie", f"{COOKIE}.1=abc")],
            f"{LOOKED} it, but it holds no session that can be read",
        ),
        (
            [("Cookie", f"{COOKIE}=base64-abcde")],
            f"{LOOKED} it, but it holds no session that can be read",
        ),
        ([("Authorization", "Bearer abc")], "the bearer token is not a JWT"),
        (
            [("Authorization", "Basic abc")],
            f"Authorization is Basic and not Bearer; {LOOKED} no cookie",
        ),
        (
            [("Cookie", f"{COOKIE}={cookie_value(token(seconds=-36_000))}")],
            "the token in cookie sb-localhost-auth-token expired 10 hours ago",
        ),
        (
            [("Authorization", f"Bearer {token('of another project, of thirty-two bytes')}")],
            "the bearer token is signed with another secret: by another project, or before the data was reset",
        ),
        (
            [("Authorization", f"Bearer {token(audience='anon')}")],
            "the bearer token is not a user's session: InvalidAudienceError",
        ),
    ],
)
def test_a_missing_session_is_explained(headers: Headers, reason: str) -> None:
    assert REFUSALS.explain(exchange(headers=headers)) == reason


def test_a_token_that_has_just_expired_is_told_in_minutes() -> None:
    headers = [("Authorization", f"Bearer {token(seconds=-600)}")]
    assert REFUSALS.explain(exchange(headers=headers)) == "the bearer token expired 10 minutes ago"


def test_a_token_in_chunks_is_found() -> None:
    value = cookie_value(token())
    cookie = f"{COOKIE}.0={value[:50]}; {COOKIE}.1={value[50:]}"
    assert REFUSALS.user(exchange(headers=[("cookie", cookie)])) == USER


def test_other_refusals_are_told_in_the_contracts_words() -> None:
    body = {"code": "forbidden", "error": "You may not do this."}
    assert REFUSALS.explain(exchange(403, body)) == "forbidden: You may not do this."
    details = [{"field": "limit", "message": "Must be 1 or more"}]
    invalid = {"code": "invalid_request", "error": "Wrong.", "details": details}
    assert REFUSALS.explain(exchange(422, invalid)) == "invalid_request: Wrong. (limit: Must be 1 or more)"
    assert REFUSALS.explain(exchange(500, "?")) == "the function failed: its log has the reason"
    assert REFUSALS.explain(exchange(404, None, route=None)) == "no such route: the page at / lists them"


def test_a_page_that_may_not_read_the_answer_is_named() -> None:
    reason = REFUSALS.explain(exchange(200, {}, [("origin", "https://app.example.org")]))
    assert reason == (
        "the page https://app.example.org may not read this: start with  make dev ORIGINS=https://app.example.org"
    )


def test_a_line_says_who_what_and_why() -> None:
    lines = RequestLines(REFUSALS, {USER: "organizer"})
    granted = lines.line(exchange(200, {}, [("Authorization", f"Bearer {token()}")]))
    assert granted is not None
    assert granted[8:] == "  200  POST /api/x" + " " * 24 + "   4 ms  organizer  id-1"
    refused = lines.line(exchange())
    assert refused is not None
    assert refused.endswith(f"-          id-1  401: {LOOKED} no cookie")


@pytest.mark.parametrize("status", [200, 401, 404, 422, 500])
def test_no_line_holds_a_token_a_name_or_a_criterion(status: int) -> None:
    secret = token(seconds=-5)
    details = [{"field": "Garcia", "message": "Is not a field of this request"}]
    body = {"code": "invalid_request", "error": "Wrong.", "details": details, "persons": [{"lastName": "Garcia"}]}
    headers = [("Authorization", f"Bearer {secret}"), ("Cookie", f"{COOKIE}={cookie_value(secret)}")]
    request = Request("id-1", "POST", "/api/x?lastName=Garcia", headers)
    line = RequestLines(REFUSALS, {}).line(Exchange(request, "POST /api/x", status, (), json.dumps(body).encode(), 1))
    assert line is not None
    assert "Garcia" not in line
    assert secret not in line


def test_a_granted_preflight_goes_without_saying() -> None:
    request = Request("id-1", "OPTIONS", "/api/x", [("origin", "http://localhost:5173")])
    granted = Exchange(request, None, 204, [("access-control-allow-origin", "http://localhost:5173")], b"", 0)
    refused = Exchange(request, None, 204, [], b"", 0)
    lines = RequestLines(REFUSALS, {})
    assert lines.line(granted) is None
    assert "may not read this" in str(lines.line(refused))
