"""Sessions that the real auth server issued, in cookies that the real @supabase/ssr wrote, through the API."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import httpx
import jwt
import pytest
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from local.description import Description
from local.project import connect
from local.services.node import node
from local.session import access_token

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
SECONDS = 60
FORMS = ("whole", "chunked", "plain", "plain_chunked", "stale")


class SessionCookie(BaseModel):
    """A Cookie header, and whose session it holds."""

    model_config = ConfigDict(alias_generator=to_camel)

    header: str
    user_id: str


class Cookies(BaseModel):
    """What @supabase/ssr writes, by the way it came about."""

    model_config = ConfigDict(alias_generator=to_camel)

    whole: SessionCookie
    chunked: SessionCookie
    plain: SessionCookie
    plain_chunked: SessionCookie
    stale: SessionCookie


@pytest.fixture(scope="module")
def cookies(stack: Description) -> Cookies:
    _install()
    small, large = (_sign_up(stack, note) for note in ("", "Zoë “%41” " + "x" * 600))
    given = {"url": stack.supabase.url, "key": stack.supabase.publishable_key, "small": small, "large": large}
    command = node(HERE / "sign_in.js", json.dumps(given))
    done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=SECONDS)  # noqa: S603 - our own script
    return Cookies.model_validate_json(done.stdout)


def _install() -> None:
    installed, locked = HERE / "node_modules" / ".package-lock.json", HERE / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < locked.stat().st_mtime:
        path = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
        subprocess.run([BIN / "npm", "ci"], cwd=HERE, env=os.environ | path, check=True, timeout=180)  # noqa: S603 - npm
        installed.touch()


def _sign_up(stack: Description, note: str) -> dict[str, str]:
    email, password = f"{uuid4().hex}@example.org", uuid4().hex
    with connect(stack.supabase.url, stack.supabase.publishable_key) as client:
        client.auth.sign_up({"email": email, "password": password, "options": {"data": {"note": note}}})
    return {"email": email, "password": password}


def revalidate(stack: Description, headers: dict[str, str]) -> httpx.Response:
    """Call the one route that needs only a session, and says whose it is."""
    return httpx.post(f"{stack.api}/api/permissions/revalidate", headers=headers, timeout=SECONDS)


def test_a_token_of_the_real_auth_server_counts(stack: Description) -> None:
    answer = revalidate(stack, {"authorization": f"Bearer {access_token(stack, stack.users.organizer)}"})
    assert answer.status_code == 200
    assert answer.json() == {"ok": True, "revalidated": True, "tag": f"permissions-{stack.users.organizer.id}"}


@pytest.mark.parametrize("form", FORMS)
def test_a_cookie_of_the_real_ssr_library_counts(stack: Description, cookies: Cookies, form: str) -> None:
    cookie: SessionCookie = getattr(cookies, form)
    answer = revalidate(stack, {"cookie": cookie.header})
    assert answer.status_code == 200, form
    assert answer.json()["tag"] == f"permissions-{cookie.user_id}"


def test_the_cookies_are_of_the_forms_that_they_are_named_after(cookies: Cookies) -> None:
    assert "auth-token=base64-" in cookies.whole.header
    assert "auth-token.1=" in cookies.chunked.header
    assert f"auth-token={quote('{')}" in cookies.plain.header
    assert "auth-token.1=" in cookies.plain_chunked.header
    assert "auth-token=base64-" in cookies.stale.header
    assert "auth-token.1=" in cookies.stale.header


def test_the_order_of_chunks_is_of_no_matter(stack: Description, cookies: Cookies) -> None:
    header = "; ".join(reversed(cookies.chunked.header.split("; ")))
    assert revalidate(stack, {"cookie": header}).status_code == 200


def test_a_missing_chunk_is_no_session(stack: Description, cookies: Cookies) -> None:
    chunks = cookies.chunked.header.split("; ")
    for missing in range(len(chunks)):
        header = "; ".join(chunk for number, chunk in enumerate(chunks) if number != missing)
        assert revalidate(stack, {"cookie": header}).status_code == 401


def test_a_real_cookie_does_not_save_a_forged_bearer_token(stack: Description, cookies: Cookies) -> None:
    assert revalidate(stack, {"cookie": cookies.whole.header, "authorization": "Bearer a.b.c"}).status_code == 401


@pytest.mark.parametrize("secret", ["another made-up secret of 32 bytes.", "dev-secret-change-me-dev-secret-change-me"])
def test_the_same_claims_signed_by_somebody_else_do_not_count(stack: Description, secret: str) -> None:
    claims = jwt.decode(access_token(stack, stack.users.organizer), options={"verify_signature": False})
    forged = jwt.encode(claims | {"exp": int(time.time()) + 3600}, secret, "HS256")
    answer = revalidate(stack, {"authorization": f"Bearer {forged}"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json().items() >= {"code": "unauthenticated", "error": "Please sign in."}.items()


def test_the_projects_own_keys_are_no_sessions(stack: Description) -> None:
    for key in (stack.supabase.publishable_key, stack.supabase.secret_key):
        assert revalidate(stack, {"authorization": f"Bearer {key}"}).status_code == 401
