"""Credentials by the names of variables: nothing that a caller can do with them but search."""

import json
from collections.abc import Iterator

import pytest

from essearch.columns import FILLED
from local.description import Description, DirectusAccess
from tests.http_server import QuietHandler, listen
from tests.integration.lambda_process import capture_log
from tests.integration.search.conftest import Fresh
from tests.integration.search.searching import COOKIE, LOGIN, choose, forget_refusals, search
from tests.recorder import Recorder, record

COUNTY = ("DIRECTUS_URL_COUNTY", "DIRECTUS_EMAIL_COUNTY", "DIRECTUS_PASSWORD_COUNTY")
WRONG = ("DIRECTUS_URL_WRONG", "DIRECTUS_EMAIL_WRONG", "DIRECTUS_PASSWORD_WRONG")
COMMON = ("DIRECTUS_URL_SEARCH", "DIRECTUS_API_EMAIL_SEARCH", "DIRECTUS_API_PASSWORD_SEARCH")


@pytest.fixture
def county(directus: DirectusAccess) -> Iterator[Recorder]:
    """Another proxy of the same Directus, which looks like another Directus."""
    with record(directus.url) as proxy:
        yield proxy


@pytest.fixture
def variables(
    county: Recorder, recorder: Recorder, directus: DirectusAccess, stack: Description
) -> Iterator[dict[str, str]]:
    """A county's own login, and a set whose password is wrong."""
    own = zip(COUNTY, (county.url, directus.admin_email, directus.admin_password), strict=True)
    wrong = zip(WRONG, (recorder.url, directus.admin_email, "wrong"), strict=True)
    yield dict([*own, *wrong])
    forget_refusals(stack.redis.url)


def keys(endpoint: str | None, email: str | None, password: str | None, name: str = "county") -> dict[str, object]:
    return {"name": name, "endpointKey": endpoint, "emailKey": email, "passwordKey": password}


def audited_credentials(output: str) -> str:
    """The credentials that the last audit line names."""
    lines = [json.loads(line) for line in output.splitlines() if '"location":"audit"' in line]
    return str(lines[-1]["credentials"])


def test_own_credentials_search_at_their_own_endpoint(
    fresh: Fresh, variables: dict[str, str], county: Recorder, recorder: Recorder
) -> None:
    with fresh(**variables), capture_log() as log:
        assert choose(keys(*COUNTY, name="mine")).status == 200
    assert (county.count(*LOGIN), recorder.requests) == (1, [])
    assert audited_credentials(log.getvalue()) == "county"


@pytest.mark.parametrize("chosen", [{"name": "x"}, keys("DIRECTUS_URL_X", "DIRECTUS_EMAIL_X", "DIRECTUS_PASSWORD_X")])
def test_what_is_not_set_falls_back_as_a_whole_and_the_audit_line_says_so(
    fresh: Fresh, variables: dict[str, str], recorder: Recorder, chosen: dict[str, object]
) -> None:
    with fresh(**variables), capture_log() as log:
        assert choose(chosen).status == 200
    assert recorder.count(*LOGIN) == 1
    assert audited_credentials(log.getvalue()) == "common"


MIXED = {
    "no login for the endpoint": keys(COUNTY[0], None, None),
    "a password that is not set": keys(*COUNTY[:2], "DIRECTUS_PASSWORD_NOWHERE"),
    "another set's password": keys(*COUNTY[:2], WRONG[2]),
    "the common password elsewhere": keys(COUNTY[0], *COMMON[1:]),
    "another password for the common user": keys(*COMMON[:2], COUNTY[2]),
    "a login at the common endpoint": keys(COMMON[0], *COUNTY[1:]),
    "an address as the password": keys(*COUNTY[:2], COUNTY[0]),
}


@pytest.mark.parametrize("cookies", [{}, {"directus_token_county": "tampered"}], ids=["no cookie", "a cookie"])
def test_mixed_keys_are_one_refusal_and_send_nothing(
    fresh: Fresh, variables: dict[str, str], county: Recorder, recorder: Recorder, cookies: dict[str, str]
) -> None:
    with fresh(**variables):
        answers = [choose(chosen, cookies) for chosen in MIXED.values()]
    assert [(answer.status, answer.code) for answer in answers] == [(422, "invalid_request")] * len(MIXED)
    assert all((answer.body, answer.cookies) == (answers[0].body, []) for answer in answers)
    assert (county.requests, recorder.requests) == ([], [])


def test_nobody_can_have_directus_suspend_a_user(fresh: Fresh, variables: dict[str, str], recorder: Recorder) -> None:
    for _ in range(3):
        with fresh(**variables):  # each a process of its own
            assert [choose(keys(*WRONG)).code for _ in range(10)] == ["upstream_error"] * 10
    assert recorder.count(*LOGIN) == 1
    with fresh(**variables):
        assert search(lastName="Lee").status == 200


def test_a_password_that_was_corrected_is_tried_at_once(
    fresh: Fresh, variables: dict[str, str], directus: DirectusAccess
) -> None:
    with fresh(**variables):
        assert choose(keys(*WRONG)).code == "upstream_error"
    with fresh(**{**variables, WRONG[2]: directus.admin_password}):
        assert choose(keys(*WRONG)).status == 200


def test_without_redis_refused_credentials_rest_in_their_process(
    fresh: Fresh, variables: dict[str, str], recorder: Recorder
) -> None:
    with fresh(
        **variables,
        REDIS_URL="redis://127.0.0.1:9",
        ALLOW_ANONYMOUS="true",
        **dict(zip(COMMON, (variables[name] for name in WRONG), strict=True)),
    ):
        assert [search(lastName="Lee").code for _ in range(3)] == ["upstream_error"] * 3
    assert recorder.count(*LOGIN) == 1


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


def test_columns_that_one_user_may_not_read_are_asked_for_by_another(fresh: Fresh) -> None:
    asked = []

    class Directus(QuietHandler):
        """The real one needs a licence for permissions on single fields."""

        def read_body(self) -> str:
            return self.rfile.read(int(self.headers["Content-Length"])).decode()

        def log_in(self) -> None:
            token = {"access_token": json.loads(self.read_body())["email"], "expires": 900_000}
            self.send_answer(200, json.dumps({"data": token}).encode(), [])

        def find(self) -> None:
            user, has_columns = self.headers["Authorization"].removeprefix("Bearer "), FILLED in self.read_body()
            asked.append((user, has_columns))
            is_refused = user == "north" and has_columns
            self.send_answer(403 if is_refused else 200, b'{"errors": []}' if is_refused else b'{"data": []}', [])

        do_POST, do_SEARCH = log_in, find  # noqa: N815 - the names that http.server calls

    with listen(Directus) as url:
        north = dict(zip(COUNTY, (url, "north", "made-up"), strict=True))
        common = dict(zip(COMMON, (url, "common", "made-up"), strict=True))
        with fresh(**north, **common):
            assert [choose(keys(*COUNTY)).status for _ in range(2)] == [200, 200]
            assert search(lastName="Lee").status == 200
    assert asked == [("north", True), ("north", False), ("north", False), ("common", True)]
