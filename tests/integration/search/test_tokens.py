"""A token that Directus rejects costs one more login; a login that fails ends the search."""

import httpx
import pytest

from essearch.credential_sets import COMMON_KEYS
from essearch.credentials import load_credentials
from local.description import Description, DirectusAccess
from petition.clients.directus_login import logins
from petition.clients.directus_token import Token, token_cookie
from tests.integration.search.conftest import Fresh
from tests.integration.search.searching import (
    COOKIE,
    SECONDS,
    Admin,
    count_requests,
    expire,
    forge,
    forget_refusals,
    search,
)
from tests.recorder import Recorder

type Tokens = dict[str, str]


@pytest.fixture(scope="module")
def good(directus: DirectusAccess) -> str:
    """A token that Directus takes."""
    login = {"email": directus.search_email, "password": directus.search_password}
    answer = httpx.post(f"{directus.url}/auth/login", json=login, timeout=SECONDS)
    token: str = answer.json()["data"]["access_token"]
    return token


@pytest.fixture(scope="module")
def revoked(directus: DirectusAccess) -> str:
    """The token of a session that has been logged out."""
    login = {"email": directus.search_email, "password": directus.search_password, "mode": "session"}
    with httpx.Client(base_url=directus.url, timeout=SECONDS) as browser:
        token = browser.post("/auth/login", json=login).cookies["directus_session_token"]
        browser.post("/auth/logout", json={"mode": "session"}).raise_for_status()
    return token


@pytest.fixture(scope="module")
def tokens(good: str, revoked: str, signing_key: str) -> Tokens:
    """Tokens that Directus does not take, by what is wrong with them."""
    return {
        "expired": expire(good, signing_key),
        "revoked": revoked,
        "wrongly signed": forge(good, "a key that this Directus never had"),
        "garbage": "garbage",
    }


@pytest.fixture(params=["expired", "revoked", "wrongly signed", "garbage"])
def rejected(request: pytest.FixtureRequest, tokens: Tokens) -> str:
    return tokens[request.param]


def token_cookie_value(token: str) -> str:
    """The cookie that this process would have made of a token."""
    return token_cookie().value(Token(value=token, expires=4e9), load_credentials(COMMON_KEYS))


@pytest.mark.usefixtures("_process")
def test_a_rejected_token_in_a_cookie_costs_one_login(rejected: str, recorder: Recorder) -> None:
    answer = search(lastName="Żukowski", limit=100, cookies={COOKIE: token_cookie_value(rejected)})
    assert answer.status == 200
    assert count_requests(recorder) == (1, 2)
    assert answer.jar.keys() == {COOKIE}


@pytest.mark.usefixtures("_process")
def test_a_rejected_token_in_memory_costs_one_login(rejected: str, recorder: Recorder) -> None:
    logins().tokens[load_credentials(COMMON_KEYS).fingerprint] = Token(value=rejected, expires=4e9)
    assert [search(lastName="Żukowski", limit=100).status for _ in range(3)] == [200] * 3
    assert count_requests(recorder) == (1, 4)


def test_a_rejected_token_in_a_plain_cookie_costs_one_login(rejected: str, recorder: Recorder, fresh: Fresh) -> None:
    with fresh(COOKIE_SEALED="false"):
        answer = search(lastName="Żukowski", limit=100, cookies={COOKIE: rejected})
    assert answer.status == 200
    assert count_requests(recorder)[0] == 1
    assert answer.jar.keys() == {COOKIE}


@pytest.mark.parametrize("value", ["two words", "á", "a\tb", "{}", "Bearer x"])
def test_a_plain_cookie_that_can_be_no_token_is_replaced(value: str, recorder: Recorder, fresh: Fresh) -> None:
    with fresh(COOKIE_SEALED="false"):
        answer = search(lastName="Żukowski", limit=100, cookies={COOKIE: value})
    assert answer.status == 200
    assert count_requests(recorder) == (1, 1)
    assert answer.jar.keys() == {COOKIE}


def test_a_token_goes_on_after_its_user_was_suspended_and_then_there_is_no_login(
    fresh: Fresh, admin: Admin, stack: Description, recorder: Recorder, good: str
) -> None:
    user = admin.find_path("/users", email=stack.directus.search_email)
    with admin.change(user, status="suspended"):
        with fresh(COOKIE_SEALED="false"):
            assert search(lastName="Żukowski", limit=100, cookies={COOKIE: good}).status == 200
        with fresh():
            refused = search(lastName="Żukowski", limit=100)
    assert (refused.status, refused.code) == (502, "upstream_error")
    assert count_requests(recorder) == (1, 1)
    forget_refusals(stack.redis.url)
    with fresh():
        assert search(lastName="Żukowski", limit=100).status == 200


@pytest.mark.parametrize("cookies", [{}, {COOKIE: "tampered"}])
def test_a_wrong_password_is_one_login_and_clears_the_cookie(
    cookies: dict[str, str], recorder: Recorder, fresh: Fresh
) -> None:
    with fresh(DIRECTUS_API_PASSWORD_SEARCH="wrong"):
        answer = search(lastName="Żukowski", limit=100, cookies=cookies)
    assert (answer.status, answer.code) == (502, "upstream_error")
    assert count_requests(recorder) == (1, 0)
    deleted = f"{COOKIE}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict"
    assert answer.cookies == ([deleted] if cookies else [])


@pytest.mark.parametrize(
    "different",
    [
        {"PERSONS_COLLECTION": "person_contacts"},
        {"PERSONS_COLLECTION": "missing"},
        {"PERSONS_COLLECTION": "directus_users"},
        {"PERSONS_FIELDS": '{"lastName": "lastName", "password": "password"}'},
    ],
    ids=["forbidden collection", "missing collection", "system collection", "missing field"],
)
def test_what_directus_forbids_is_a_failure_upstream_after_one_login(
    different: dict[str, str], recorder: Recorder, fresh: Fresh
) -> None:
    with fresh(**different):
        assert [search(lastName="Żukowski").code for _ in range(2)] == ["upstream_error"] * 2
    assert recorder.count("POST", "/auth/login") == 1
    # each search, with the derived columns and without them: what was refused is not known
    assert len(recorder.requests) == 5
