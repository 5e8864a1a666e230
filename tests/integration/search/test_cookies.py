"""The cookie that holds the token: what is taken from it, and what is not."""

import time

import httpx
import pytest
from cryptography.fernet import Fernet

from essearch.credential_sets import COMMON_KEYS
from essearch.credentials import load_credentials
from local.description import DirectusAccess
from petition.clients.directus_token import Token, token_cookie
from tests.integration.lambda_process import Answer, capture_log
from tests.integration.search.conftest import Fresh
from tests.integration.search.searching import COOKIE, LOGIN, SECONDS, search
from tests.recorder import Recorder

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
HOUR = 3600


@pytest.fixture(scope="module")
def token(directus: DirectusAccess) -> str:
    """A token that Directus takes."""
    login = {"email": directus.search_email, "password": directus.search_password}
    answer = httpx.post(f"{directus.url}/auth/login", json=login, timeout=SECONDS)
    value: str = answer.json()["data"]["access_token"]
    return value


def token_cookie_value(token: str, *, live: float = HOUR) -> str:
    """The cookie of a token that is to be sent for so many seconds more."""
    return token_cookie().value(Token(value=token, expires=time.time() + live), load_credentials(COMMON_KEYS))


def search_with_cookie(cookie: str) -> Answer:
    answer = search(lastName="Lee", cookies={COOKIE: cookie})
    assert answer.status == 200
    return answer


def test_a_cookie_sealed_with_a_key_that_was_rotated_is_still_good(
    fresh: Fresh, token: str, recorder: Recorder
) -> None:
    with fresh(COOKIE_KEYS=OLD):
        cookie = token_cookie_value(token)
    with fresh(COOKIE_KEYS=f"{NEW}, {OLD}"):
        assert search_with_cookie(cookie).cookies == []
    assert recorder.count(*LOGIN) == 0


@pytest.mark.parametrize("part", [slice(0, 1), slice(20, 21), slice(-9, -8)])
def test_a_cookie_that_was_changed_is_replaced(fresh: Fresh, token: str, recorder: Recorder, part: slice) -> None:
    with fresh():
        letters = list(token_cookie_value(token).rstrip("="))
        letters[part] = "B" if letters[part] == ["A"] else "A"
        assert search_with_cookie("".join(letters)).jar.keys() == {COOKIE}
    assert recorder.count(*LOGIN) == 1


def test_a_cookie_of_another_key_or_of_a_token_that_ends_is_replaced(
    fresh: Fresh, token: str, recorder: Recorder
) -> None:
    with fresh(COOKIE_KEYS=OLD):
        foreign = token_cookie_value(token)
    with fresh(COOKIE_KEYS=NEW):
        assert search_with_cookie(foreign).jar.keys() == {COOKIE}
    with fresh(COOKIE_KEYS=NEW):
        assert search_with_cookie(token_cookie_value(token, live=-1)).jar.keys() == {COOKIE}
    assert recorder.count(*LOGIN) == 2


def test_a_cookie_older_than_a_browser_keeps_it_is_replaced(fresh: Fresh, token: str, recorder: Recorder) -> None:
    with fresh(COOKIE_KEYS=NEW):
        fernet = Fernet(NEW)
        old = fernet.encrypt_at_time(fernet.decrypt(token_cookie_value(token)), int(time.time()) - HOUR - 1)
        assert search_with_cookie(old.decode()).jar.keys() == {COOKIE}
    assert recorder.count(*LOGIN) == 1


def test_a_sealed_cookie_shows_nothing_of_the_token(fresh: Fresh, token: str) -> None:
    with fresh():
        assert not set(token.split(".")) & set(token_cookie_value(token).split("."))


def test_a_plain_cookie_is_the_token_as_nextjs_writes_and_reads_it(
    fresh: Fresh, token: str, directus: DirectusAccess, recorder: Recorder
) -> None:
    with fresh(COOKIE_SEALED="false"):
        assert search_with_cookie(token).cookies == []
        assert recorder.count(*LOGIN) == 0
        [cookie] = search(lastName="Lee").cookies
    value, *attributes = cookie.removeprefix(f"{COOKIE}=").split("; ")
    assert {each.lower() for each in attributes} == {"path=/", "max-age=3600", "secure", "httponly", "samesite=strict"}
    headers = {"Authorization": f"Bearer {value}"}
    assert httpx.get(f"{directus.url}/items/persons?limit=1", headers=headers, timeout=SECONDS).status_code == 200


def test_a_plain_cookie_is_not_used_for_anybody_else(fresh: Fresh, token: str, recorder: Recorder) -> None:
    with fresh(COOKIE_SEALED="false"):
        search_with_cookie(token)
        assert search(lastName="Lee").status == 200
    assert recorder.count(*LOGIN) == 1


@pytest.mark.parametrize("sealed", ["true", "false"])
def test_a_stranger_is_never_given_the_bare_token(fresh: Fresh, token: str, recorder: Recorder, sealed: str) -> None:
    with fresh(COOKIE_SEALED=sealed, ALLOW_ANONYMOUS="true"):
        answers = [search(lastName="Lee", cookies=cookies) for cookies in ({}, {COOKIE: token}, {"": token})]
    assert [answer.status for answer in answers] == [200] * 3
    given = [cookie.partition(";")[0] for answer in answers for cookie in answer.cookies]
    assert len(given) == (3 if sealed == "true" else 0)
    assert not [cookie for cookie in given if "." in cookie]  # as a JWT has
    assert recorder.count(*LOGIN) == 1


@pytest.mark.parametrize(
    "keys", ["", "short", f"{NEW},", f"{NEW};{OLD}"], ids=["none", "short", "a comma too many", "a semicolon"]
)
def test_keys_that_are_none_are_named_in_the_log_alone(fresh: Fresh, keys: str) -> None:
    with fresh(COOKIE_KEYS=keys), capture_log() as log:
        answer = search(lastName="Lee")
    assert (answer.status, answer.code) == (500, "internal_error")
    assert "COOKIE_KEYS" in log.getvalue()
    assert NEW not in log.getvalue() + str(answer.body)
