"""Credentials by the names of variables: nothing that a caller can do with them but search."""

from collections.abc import Iterator

import pytest

from local.description import DirectusAccess
from tests.integration.lambda_process import Answer
from tests.integration.search.conftest import Fresh
from tests.integration.search.searching import COOKIE, LOGIN, choose, search
from tests.recorder import Recorder, recording

COUNTY = ("DIRECTUS_URL_COUNTY", "DIRECTUS_EMAIL_COUNTY", "DIRECTUS_PASSWORD_COUNTY")
NOT_SET = "DIRECTUS_NOT_SET"


@pytest.fixture
def county(directus: DirectusAccess) -> Iterator[Recorder]:
    """Another Directus, as far as anybody can tell: another door of the same."""
    with recording(directus.url) as door:
        yield door


@pytest.fixture
def variables(county: Recorder, directus: DirectusAccess) -> dict[str, str]:
    """A county's own login, and a password that is wrong."""
    own = dict(zip(COUNTY, (county.url, directus.admin_email, directus.admin_password), strict=True))
    return own | {"DIRECTUS_PASSWORD_WRONG": "wrong"}


def keys(endpoint: str | None, email: str | None, password: str | None, name: str = "county") -> dict[str, object]:
    return {"name": name, "endpointKey": endpoint, "emailKey": email, "passwordKey": password}


def test_own_credentials_search_at_their_own_endpoint(
    fresh: Fresh, variables: dict[str, str], county: Recorder, recorder: Recorder
) -> None:
    with fresh(**variables):
        assert choose(keys(*COUNTY)).status == 200
    assert (county.count(*LOGIN), recorder.requests) == (1, [])


NO_LOGINS = {
    "no login for the endpoint": keys(COUNTY[0], None, None),
    "a password that is not set": keys(COUNTY[0], COUNTY[1], NOT_SET),
    "an e-mail that is not set": keys(COUNTY[0], NOT_SET, COUNTY[2]),
    "a wrong password": keys(COUNTY[0], COUNTY[1], "DIRECTUS_PASSWORD_WRONG"),
    "a wrong password at the common endpoint": keys(None, COUNTY[1], "DIRECTUS_PASSWORD_WRONG"),
    "the common password elsewhere": keys(COUNTY[0], COUNTY[1], "DIRECTUS_API_PASSWORD_SEARCH"),
    "another password for the common user": keys(None, "DIRECTUS_API_EMAIL_SEARCH", COUNTY[2]),
    "an address that is none": keys(COUNTY[1], COUNTY[1], COUNTY[2]),
}


@pytest.mark.parametrize("cookies", [{}, {"directus_token_county": "tampered"}], ids=["no cookie", "a cookie"])
def test_no_error_tells_which_variables_exist(fresh: Fresh, variables: dict[str, str], cookies: dict[str, str]) -> None:
    def failed(credentials: dict[str, object]) -> Answer:
        with fresh(**variables):
            return choose(credentials, cookies)

    answers = [failed(credentials) for credentials in NO_LOGINS.values()]
    assert answers[0].code == "upstream_error"
    told = {name: (a.status, a.headers, a.cookies, a.body) for name, a in zip(NO_LOGINS, answers, strict=True)}
    assert [name for name in told if told[name] != told["a wrong password"]] == []


def test_the_common_password_leaves_for_no_other_endpoint(
    fresh: Fresh, variables: dict[str, str], county: Recorder
) -> None:
    with fresh(**variables):
        choose(keys(COUNTY[0], "DIRECTUS_API_EMAIL_SEARCH", "DIRECTUS_API_PASSWORD_SEARCH"))
        choose(keys(COUNTY[0], "DIRECTUS_API_PASSWORD_SEARCH", COUNTY[2]))
    assert county.requests == []


def test_nobody_can_have_directus_suspend_a_user(fresh: Fresh, variables: dict[str, str], recorder: Recorder) -> None:
    with fresh(**variables):
        for _ in range(30):
            choose(keys(None, "DIRECTUS_API_EMAIL_SEARCH", "DIRECTUS_PASSWORD_WRONG"))
        assert recorder.requests == []
        for _ in range(30):
            choose(keys(None, COUNTY[1], "DIRECTUS_PASSWORD_WRONG"))
        assert recorder.count(*LOGIN) == 1
        assert search(lastName="Lee").status == 200


def test_a_token_is_used_for_no_other_credentials(
    fresh: Fresh, variables: dict[str, str], county: Recorder, recorder: Recorder
) -> None:
    with fresh(**variables):
        cookie = search(lastName="Lee").jar[COOKIE]
        [others] = choose(keys(*COUNTY)).jar.values()
        assert cookie != others
    with fresh(**variables):
        assert choose(keys(*COUNTY, name="search"), {COOKIE: cookie}).status == 200
        assert search(lastName="Lee", cookies={COOKIE: others}).status == 200
    assert (county.count(*LOGIN), recorder.count(*LOGIN)) == (2, 2)


def test_the_same_credentials_by_another_name_need_no_other_login(fresh: Fresh, recorder: Recorder) -> None:
    with fresh():
        assert choose({"name": "a"}).jar.keys() == {"directus_token_a"}
        assert choose({"name": "b"}).jar.keys() == {"directus_token_b"}
    assert recorder.count(*LOGIN) == 1
