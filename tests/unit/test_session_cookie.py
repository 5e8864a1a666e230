"""The cookies of @supabase/ssr, in all their forms."""

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petition.auth.session_cookie import MAX_CHARACTERS, read_access_token

NAME = "sb-abc-auth-token"
TOKEN = "head.body.signature"
CHUNK = 3180


def session_json(padding: str = "") -> str:
    return json.dumps({"access_token": TOKEN, "user": {"name": f'Zoë, "{padding}"'}}, ensure_ascii=False)


def encode(text: str) -> str:
    return "base64-" + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def split_into_cookies(stored: str, size: int = CHUNK) -> dict[str, str]:
    pieces = [stored[start : start + size] for start in range(0, len(stored), size)]
    return {f"{NAME}.{number}": piece for number, piece in enumerate(pieces)}


@pytest.mark.parametrize(
    "stored",
    [encode(session_json()), quote(encode(session_json())), session_json(), quote(session_json())],
    ids=["base64url", "base64url, URL-encoded", "plain JSON", "plain JSON, URL-encoded"],
)
def test_a_whole_cookie_is_read(stored: str) -> None:
    assert read_access_token({NAME: stored}, NAME) == TOKEN


@pytest.mark.parametrize("form", [encode, quote, lambda text: quote(encode(text))])
def test_chunks_are_joined_whatever_their_order(form: Callable[[str], str]) -> None:
    chunks = split_into_cookies(form(session_json("x" * 4000)))
    assert len(chunks) >= 2
    assert read_access_token(dict(reversed(chunks.items())), NAME) == TOKEN


def test_an_unchunked_cookie_wins_over_chunks() -> None:
    other = encode(session_json().replace(TOKEN, "o.t.her"))
    assert read_access_token({**split_into_cookies(other, 20), NAME: encode(session_json())}, NAME) == TOKEN


def test_an_unchunked_cookie_that_is_broken_is_not_made_good_by_chunks() -> None:
    assert read_access_token({**split_into_cookies(encode(session_json()), 20), NAME: "base64-AAAA"}, NAME) is None


@given(
    padding=st.text(max_size=60), old=st.binary(min_size=1, max_size=80), size=st.integers(1, 40), plain=st.booleans()
)
def test_stale_chunks_of_an_older_longer_session_do_no_harm(
    padding: str, old: bytes, size: int, *, plain: bool
) -> None:
    stored = quote(session_json(padding)) if plain else encode(session_json(padding))
    chunks = split_into_cookies(stored, max(size, 8))
    stale = {f"{NAME}.{len(chunks)}": base64.urlsafe_b64encode(old).decode().rstrip("=")}
    assert read_access_token(chunks | stale, NAME) == TOKEN


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_missing_chunk_is_no_session(missing: int) -> None:
    chunks = split_into_cookies(encode(session_json()), 40)
    del chunks[f"{NAME}.{missing}"]
    assert read_access_token(chunks, NAME) is None


@pytest.mark.parametrize(
    "name", ["sb-other-auth-token", "sb-abc-auth-token-code-verifier", "SB-ABC-AUTH-TOKEN", "sb-abc-auth"]
)
def test_the_cookie_of_another_project_is_no_session(name: str) -> None:
    assert read_access_token({name: encode(session_json()), f"{name}.0": encode(session_json())}, NAME) is None


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "base64-",
        "base64-!!!!",
        "base64-é",
        encode("null"),
        encode('"head.body.signature"'),
        encode('["head.body.signature"]'),
        encode('{"access_token": null}'),
        encode('{"access_token": 1}'),
        encode('{"access_token": {"a": 1}}'),
        encode("{}"),
        encode(session_json())[:-8],
        encode("[" * 5000),
        "[" * 10_000,
        '{"a":' * 1500,
        "%",
        "%zz",
        "%00" * 100,
    ],
)
def test_anything_else_is_no_session(stored: str) -> None:
    assert read_access_token({NAME: stored}, NAME) is None


def test_more_than_a_request_can_hold_is_no_session() -> None:
    stored = encode(session_json("x" * MAX_CHARACTERS))
    assert read_access_token({NAME: stored}, NAME) is None
    assert read_access_token(split_into_cookies(stored), NAME) is None
    assert read_access_token(split_into_cookies(stored, 1), NAME) is None


@given(stored=st.text(), prefixed=st.booleans())
def test_no_cookie_raises(stored: str, *, prefixed: bool) -> None:
    read_access_token({NAME: "base64-" * prefixed + stored}, NAME)
