import time

import pytest
from cryptography.fernet import Fernet

from petition.clients.directus_token import (
    CookieSettings,
    Credentials,
    PlainCookie,
    SealedCookie,
    Token,
    TokenCookie,
)
from petition.config.service_url import ServiceUrl
from petition.config.settings import SettingsError

MINE = Credentials(ServiceUrl("https://a.example"), "a@example.org", "password")
OTHERS = Credentials(ServiceUrl("https://a.example"), "b@example.org", "password")
TOKEN = Token(value="secret.access.token", expires=2e9)


def key() -> str:
    return Fernet.generate_key().decode()


def test_a_sealed_token_is_read_back() -> None:
    cookie = SealedCookie(key())
    assert cookie.read(cookie.value(TOKEN, MINE), MINE) == TOKEN


def test_a_sealed_cookie_shows_nothing_of_the_token() -> None:
    value = SealedCookie(key()).value(TOKEN, MINE)
    assert "secret" not in value
    assert all(character.isalnum() or character in "-_=" for character in value)


def test_a_token_is_not_read_for_other_credentials() -> None:
    cookie = SealedCookie(key())
    assert cookie.read(cookie.value(TOKEN, MINE), OTHERS) is None


def test_a_cookie_is_not_opened_with_another_key() -> None:
    assert SealedCookie(key()).read(SealedCookie(key()).value(TOKEN, MINE), MINE) is None


def test_keys_rotate() -> None:
    old, new = key(), key()
    value = SealedCookie(old).value(TOKEN, MINE)
    assert SealedCookie(f"{new}, {old}").read(value, MINE) == TOKEN
    rotated = SealedCookie(f"{new},{old}").value(TOKEN, MINE)
    assert SealedCookie(new).read(rotated, MINE) == TOKEN
    assert SealedCookie(old).read(rotated, MINE) is None


@pytest.mark.parametrize("value", ["", "garbage", "é", "gAAAAA", "a" * 5000, "\udcff"])
def test_garbage_is_no_token(value: str) -> None:
    assert SealedCookie(key()).read(value, MINE) is None


def test_every_changed_byte_breaks_the_seal() -> None:
    cookie = SealedCookie(key())
    value = cookie.value(TOKEN, MINE)
    for position in range(0, len(value) - 4, 7):
        changed = value[:position] + ("A" if value[position] != "A" else "B") + value[position + 1 :]
        assert cookie.read(changed, MINE) is None


def test_a_cookie_older_than_it_may_be_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = SealedCookie(key())
    value = cookie.value(TOKEN, MINE)
    later = time.time() + 3601
    monkeypatch.setattr(time, "time", lambda: later)
    assert cookie.read(value, MINE) is None


@pytest.mark.parametrize("cookie", [SealedCookie(key()), PlainCookie()])
def test_the_cookie_has_the_contracts_attributes(cookie: TokenCookie) -> None:
    name_and_value, *attributes = cookie.header("directus_token_x", TOKEN, MINE).split("; ")
    assert name_and_value.startswith("directus_token_x=")
    assert set(attributes) == {"Max-Age=3600", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"}


def test_an_expired_cookie_deletes_it() -> None:
    assert TokenCookie.expire("directus_token_x").startswith("directus_token_x=; Max-Age=0; Path=/;")


def test_a_plain_cookie_is_the_token_and_never_trusted_for_others() -> None:
    cookie = PlainCookie()
    assert cookie.value(TOKEN, MINE) == "secret.access.token"
    token = cookie.read("secret.access.token", MINE)
    assert token
    assert token.value == "secret.access.token"
    assert not cookie.is_authentic


@pytest.mark.parametrize("value", ["a\r\nX: y", "é", "a\x00"])
def test_a_plain_cookie_that_cannot_stand_in_a_header_is_no_token(value: str) -> None:
    assert PlainCookie().read(value, MINE) is None


@pytest.mark.parametrize("keys", ["", "short", "x,y"])
def test_a_sealed_deployment_needs_good_keys(keys: str) -> None:
    with pytest.raises(SettingsError, match="COOKIE_KEYS") as caught:
        CookieSettings.load({"COOKIE_KEYS": keys})
    assert "short" not in str(caught.value)


def test_a_plain_deployment_needs_none() -> None:
    assert not CookieSettings.load({"COOKIE_SEALED": "false"}).cookie_sealed
