"""Directus fails: the answer says so, in time, and nothing more."""

import threading
from socket import socket

import pytest

from essearch import common
from essearch.credential_sets import COMMON_KEYS
from essearch.credentials import load_credentials
from local.description import Description
from local.state import free_port
from petition import deadline
from petition.clients.directus_login import logins
from petition.clients.directus_token import Token
from tests.integration.lambda_process import SECONDS, Answer, capture_log, post, session
from tests.integration.search.conftest import Fresh
from tests.integration.search.faults import (
    Fault,
    answer,
    break_off,
    close,
    drip,
    faulty,
    hang,
)
from tests.integration.search.searching import COOKIE

BUSY = {"a number": ("7", "7"), "a date": ("Wed, 21 Oct 2026 07:28:00 GMT", "5"), "too long": ("86400", "300")}
FAILURES: dict[str, Fault] = {
    "500": answer(500, {"errors": [{"message": "secret"}]}),
    "400": answer(400, {"errors": [{"message": "secret", "extensions": {"code": "INVALID_QUERY"}}]}),
    "404": answer(404, "<html>"),
    "an empty 200": answer(200),
    "a 204": answer(204),
    "no JSON": answer(200, "<html>secret</html>"),
    "JSON of another shape": answer(200, {"data": "secret"}),
    "persons that are none": answer(200, {"data": [1]}),
    "a token that cannot be sent": answer(200, {"data": {"access_token": "ü\n", "expires": 900000}}),
    "a token for ever": answer(200, {"data": {"access_token": "x", "expires": 10**400}}),
    "a closed connection": close,
    "half an answer": break_off,
    "no HTTP": lambda connection, _: connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n"),
}


@pytest.fixture(params=[False, True], ids=["login", "read"])
def signed_in(request: pytest.FixtureRequest) -> bool:
    """Whether the fault meets the read, or the login before it."""
    signed: bool = request.param
    return signed


def ask(*, signed_in: bool, seconds: float = SECONDS) -> Answer:
    if signed_in:
        logins().tokens[load_credentials(COMMON_KEYS).fingerprint] = Token(value="token", expires=4e9)
    return post(common.handler, {"lastName": "Lee"}, seconds=seconds)


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_an_upstream_error(name: str, fresh: Fresh, *, signed_in: bool) -> None:
    with faulty(FAILURES[name]) as server, fresh(DIRECTUS_URL_SEARCH=server.url):
        failed = ask(signed_in=signed_in)
    assert (failed.status, failed.code) == (502, "upstream_error")
    assert "secret" not in str(failed.body)
    assert server.requests <= 2


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("name", BUSY)
def test_a_busy_directus_says_when_to_come_back(status: int, name: str, fresh: Fresh, *, signed_in: bool) -> None:
    theirs, ours = BUSY[name]
    with faulty(answer(status, Retry_After=theirs)) as server, fresh(DIRECTUS_URL_SEARCH=server.url):
        failed = ask(signed_in=signed_in)
    assert (failed.status, failed.code, failed.headers["Retry-After"]) == (503, "upstream_busy", ours)
    assert server.requests == 1


@pytest.mark.parametrize("fault", [hang, drip])
def test_an_answer_that_does_not_end_is_a_time_out_before_the_deadline(
    fault: Fault, fresh: Fresh, monkeypatch: pytest.MonkeyPatch, *, signed_in: bool
) -> None:
    monkeypatch.setattr(deadline, "RESERVE_SECONDS", 3)  # more than a busy machine can use up
    with faulty(fault) as server, fresh(DIRECTUS_URL_SEARCH=server.url):
        failed = ask(signed_in=signed_in, seconds=3.7)
    assert (failed.status, failed.code) == (504, "upstream_timeout")
    assert failed.seconds < 3.7


@pytest.mark.parametrize(
    "url", [f"http://127.0.0.1:{free_port()}", "https://nowhere.invalid"], ids=["no server", "no host"]
)
def test_a_directus_that_is_not_there_is_an_upstream_error(url: str, fresh: Fresh) -> None:
    with fresh(DIRECTUS_URL_SEARCH=url):
        failed = ask(signed_in=False)
    assert (failed.status, failed.code) == (502, "upstream_error")
    assert failed.seconds < SECONDS / 2


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int, fresh: Fresh, *, signed_in: bool) -> None:
    with (
        faulty(answer(200)) as elsewhere,
        faulty(answer(status, Location=elsewhere.url)) as server,
        fresh(DIRECTUS_URL_SEARCH=server.url),
    ):
        assert ask(signed_in=signed_in).code == "upstream_error"
    assert (server.requests, elsewhere.requests) == (1, 0)


def test_a_kept_connection_that_died_is_replaced_unnoticed(fresh: Fresh) -> None:
    answered = set()

    def once_a_connection(connection: socket, over: threading.Event) -> None:
        peer = connection.getpeername()
        (close if peer in answered else answer(200, {"data": []}))(connection, over)
        answered.add(peer)

    with faulty(once_a_connection) as server, fresh(DIRECTUS_URL_SEARCH=server.url):
        assert [ask(signed_in=True).status for _ in range(2)] == [200, 200]
    assert (server.requests, server.connections) == (3, 2)


def test_an_error_and_its_log_hold_nothing_of_what_was_sent_or_set(fresh: Fresh, stack: Description) -> None:
    fault = answer(500, {"errors": [{"message": "upstream says"}]})
    with faulty(fault) as server, fresh(DIRECTUS_URL_SEARCH=server.url), capture_log() as log:
        failed = post(common.handler, {"lastName": "Searchedfor"}, cookies={COOKIE: "cookievalue"})
    assert "request failed" in log.getvalue()
    secrets = [server.url, stack.directus.search_email, stack.directus.search_password, stack.redis.url, session()]
    for hidden in ["upstream says", "Searchedfor", "cookievalue", *secrets]:
        assert hidden not in str(failed) + log.getvalue()
