"""Who gets in."""

import base64
import json
import time
from collections.abc import Callable, Mapping

import httpx
import jwt
import pytest

from local.description import Description
from tests.e2e.calls import BODIES, COMMON, DUPLICATE, REVALIDATE, ROUTES, SEARCH, error

GUARDED = [SEARCH, COMMON, DUPLICATE]
COOKIE = "sb-localhost-auth-token"
CHUNK = 3180

type Headers = Mapping[str, str]
type Spoil = Callable[[str, str], str]


def bearer(token: str) -> Headers:
    return {"Authorization": f"Bearer {token}"}


def session_cookie(token: str, *, padding: int = 0) -> str:
    """The session as `@supabase/ssr` writes it."""
    session = {"access_token": token, "token_type": "bearer", "user": {"padding": "x" * padding}}
    return "base64-" + base64.urlsafe_b64encode(json.dumps(session).encode()).decode().rstrip("=")


def whole_cookie(token: str) -> Headers:
    return {"Cookie": f"other=1; {COOKIE}={session_cookie(token)}"}


def chunked_cookies(token: str) -> Headers:
    value = session_cookie(token, padding=CHUNK)
    parts = [value[start : start + CHUNK] for start in range(0, len(value), CHUNK)]
    assert len(parts) > 1
    return {"Cookie": "; ".join(f"{COOKIE}.{number}={part}" for number, part in enumerate(parts))}


def sign_again(token: str, key: str, **claims: object) -> str:
    return jwt.encode(jwt.decode(token, options={"verify_signature": False}) | claims, key)


SPOILT: dict[str, Spoil] = {
    "expired": lambda token, key: sign_again(token, key, exp=int(time.time()) - 60),
    "forged": lambda token, _: sign_again(token, "a key that the project never had: " + "x" * 32),
    "unsigned": lambda token, _: jwt.encode(jwt.decode(token, options={"verify_signature": False}), "", "none"),
    "cut off": lambda token, _: token[:-5],
    "of the service role": lambda token, key: sign_again(token, key, role="service_role"),
    "for another audience": lambda token, key: sign_again(token, key, aud="other"),
    "of another project": lambda token, key: sign_again(token, key, iss="https://other.supabase.co/auth/v1"),
    "of nobody": lambda token, key: sign_again(token, key, sub="nobody"),
    "endless": lambda token, _: token + "x" * 5000,
    "of one word": lambda *_: "word",
}


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("way", [bearer, whole_cookie, chunked_cookies])
def test_a_session_gets_in_by_header_and_by_cookie(
    stranger: httpx.Client, organizer_token: str, path: str, way: Callable[[str], Headers]
) -> None:
    assert stranger.post(path, json=BODIES[path], headers=way(organizer_token)).status_code == 200


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("way", [bearer, whole_cookie])
@pytest.mark.parametrize("spoil", SPOILT)
def test_a_spoilt_session_does_not(
    stranger: httpx.Client, organizer_token: str, jwt_secret: str, path: str, way: Callable[[str], Headers], spoil: str
) -> None:
    headers = way(SPOILT[spoil](organizer_token, jwt_secret))
    assert error(stranger.post(path, json=BODIES[path], headers=headers)) == (401, "unauthenticated")


@pytest.mark.parametrize("path", ROUTES)
def test_neither_nobody_nor_a_key_of_the_project_gets_in(stranger: httpx.Client, stack: Description, path: str) -> None:
    keys = [stack.supabase.publishable_key, stack.supabase.secret_key]
    for headers in [{}, *map(bearer, keys), {"apikey": keys[1]}, {"Authorization": "Basic eDp5"}]:
        assert error(stranger.post(path, json=BODIES[path], headers=headers)) == (401, "unauthenticated")


@pytest.mark.parametrize("content", [b"", b"{", b"x" * 20_000])
@pytest.mark.parametrize("path", ROUTES)
def test_a_stranger_learns_nothing_about_a_bad_request(stranger: httpx.Client, path: str, content: bytes) -> None:
    assert error(stranger.post(path, content=content)) == (401, "unauthenticated")


@pytest.mark.parametrize("path", GUARDED)
def test_the_viewer_may_nothing(viewer: httpx.Client, path: str) -> None:
    response = viewer.post(path, json=BODIES[path])
    assert error(response) == (403, "forbidden")
    assert "set-cookie" not in response.headers


def test_the_viewer_may_revalidate(viewer: httpx.Client, stack: Description) -> None:
    assert viewer.post(REVALIDATE).json()["tag"] == f"permissions-{stack.users.viewer.id}"


@pytest.mark.parametrize("path", GUARDED)
def test_naming_another_user_changes_nothing(viewer: httpx.Client, stack: Description, path: str) -> None:
    somebody = stack.users.organizer.id
    headers = {
        "X-User-Id": somebody,
        "X-Supabase-User": somebody,
        "X-Forwarded-User": somebody,
        "Cookie": f"sub={somebody}",
    }
    assert error(viewer.post(path, json=BODIES[path], headers=headers)) == (403, "forbidden")
    assert error(viewer.post(f"{path}?userId={somebody}", json=BODIES[path])) in {
        (403, "forbidden"),
        (422, "invalid_request"),
    }
    assert error(viewer.post(path, json={**BODIES[path], "userId": somebody})) == (422, "invalid_request")


def test_a_bad_bearer_is_not_made_good_by_a_cookie(stranger: httpx.Client, organizer_token: str) -> None:
    headers = {**whole_cookie(organizer_token), **bearer("x.y.z")}
    assert error(stranger.post(COMMON, json=BODIES[COMMON], headers=headers)) == (401, "unauthenticated")


ALLOWED = "http://localhost:3001"
FOREIGN = ["http://127.0.0.1:3001", "https://evil.example", "null", "http://localhost:3001.evil.example"]


@pytest.mark.parametrize("path", ROUTES)
def test_a_page_of_the_frontend_may_read_every_answer(stranger: httpx.Client, path: str) -> None:
    asked = {
        "Origin": ALLOWED,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    preflight = stranger.options(path, headers=asked)
    assert preflight.status_code == 204
    for headers in (preflight.headers, stranger.post(path, headers={"Origin": ALLOWED}).headers):
        assert headers["access-control-allow-origin"] == ALLOWED
        assert headers["access-control-allow-credentials"] == "true"
    exposed = stranger.post(path, headers={"Origin": ALLOWED}).headers["access-control-expose-headers"]
    assert exposed == "x-request-id,retry-after,preference-applied"
    assert "authorization" in preflight.headers["access-control-allow-headers"]


@pytest.mark.parametrize("origin", FOREIGN)
def test_another_page_may_not(stranger: httpx.Client, organizer: httpx.Client, origin: str) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    for response in (stranger.options(COMMON, headers=asked), organizer.post(COMMON, headers={"Origin": origin})):
        assert not [name for name in response.headers if name.startswith("access-control-")]
