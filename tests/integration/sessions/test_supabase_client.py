"""Calling functions of the database: answers, failures, and connections that died."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

import pytest

from petition.clients import supabase
from petition.clients.service_role import service_role
from petition.config import secrets
from petition.config.settings import SettingsError
from petition.errors import PetitionError, UpstreamBusy, UpstreamError, UpstreamTimeout
from tests.integration.sessions.scripted import Upstream, drips, gives_up, hangs_up, in_turn, is_silent, says, upstream

KEY = "sb_secret_made_up"


def forget_project() -> None:
    service_role.cache_clear()
    supabase._database.cache_clear()


@pytest.fixture(autouse=True)
def project(monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstream]:
    with upstream(says(200, b"1")) as found:
        monkeypatch.setenv("SUPABASE_URL", found.url)
        monkeypatch.setenv("SUPABASE_SECRET_KEY", KEY)
        forget_project()
        yield found
        forget_project()


def call(*, timeout: float = 2) -> object:
    return supabase.rpc("permissions_snapshot", {"user_id": "x"}, object, timeout=timeout)


def test_a_function_is_called_with_its_arguments_as_the_service_role(project: Upstream) -> None:
    project.answer = says(200, b'{"roles": []}')
    assert call() == {"roles": []}
    [(method, path, headers, body)] = project.requests
    assert (method, path) == ("POST", "/rest/v1/rpc/permissions_snapshot")
    assert json.loads(body) == {"user_id": "x"}
    assert (headers["apikey"], headers["authorization"]) == (KEY, f"Bearer {KEY}")


def test_a_function_that_returns_nothing_answers_none(project: Upstream) -> None:
    project.answer = says(204)
    assert call() is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (says(401, b'{"code": "PGRST301"}'), UpstreamError),
        (says(403, b'{"code": "42501"}'), UpstreamError),
        (says(404), UpstreamError),
        (says(500, b"a secret of the database"), UpstreamError),
        (says(302, Location="https://evil.example/"), UpstreamError),
        (says(200, b"<html>"), UpstreamError),
        (says(200, b'{"a": '), UpstreamError),
        (says(200, b"\xff"), UpstreamError),
        (hangs_up, UpstreamError),
        (says(429), UpstreamBusy),
        (says(503), UpstreamBusy),
        (says(500, b'{"code": "57014", "message": "canceling statement"}'), UpstreamTimeout),
    ],
)
def test_a_failure_is_the_contracts_and_shows_nothing_of_the_upstream(
    project: Upstream, answer: Callable[..., None], expected: type[PetitionError]
) -> None:
    project.answer = answer
    with pytest.raises(PetitionError) as caught:
        call()
    assert type(caught.value) is expected
    assert str(caught.value) == expected.message


def half_a_second_for_each_part(request: BaseHTTPRequestHandler) -> None:
    """Answer in pieces, each in time, that take longer together."""
    for piece in (b"HTTP/1.1 200 OK\r\n", b"Content-Length: 1\r\n\r\n", b"1"):
        time.sleep(0.5)
        with suppress(OSError):
            request.connection.sendall(piece)
    request.close_connection = True


@pytest.mark.parametrize("answer", [drips, half_a_second_for_each_part])
def test_the_time_is_for_the_whole_call(project: Upstream, answer: Callable[..., None]) -> None:
    project.answer = answer
    with gives_up(), pytest.raises(UpstreamTimeout):
        call(timeout=0.8)


def test_a_handshake_that_hangs_is_within_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("SUPABASE_URL", f"https://127.0.0.1:{silent.getsockname()[1]}")
        forget_project()
        with gives_up(), pytest.raises(UpstreamTimeout):
            call(timeout=0.5)


@pytest.mark.parametrize(("said", "seconds"), [("7", 7), ("0", 1), ("99999", 300), ("soon", 5), ("-3", 1)])
def test_how_long_to_wait_is_the_upstreams_word_where_it_is_sane(project: Upstream, said: str, seconds: int) -> None:
    project.answer = says(429, Retry_After=said)
    with pytest.raises(UpstreamBusy) as busy:
        call()
    assert busy.value.retry_after == seconds


def test_an_upstream_that_does_not_answer_in_time_is_given_up(project: Upstream) -> None:
    project.answer = is_silent
    with gives_up(), pytest.raises(UpstreamTimeout):
        call(timeout=0.2)


def test_an_upstream_that_is_not_there_is_a_failure(project: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_URL", "http://127.0.0.1:1")
    forget_project()
    with pytest.raises(UpstreamError):
        call()
    assert not project.requests


def test_a_connection_is_kept(project: Upstream) -> None:
    ports = []

    def answer(request: object) -> None:
        ports.append(request.client_address[1])  # type: ignore[attr-defined]
        says(200, b"1")(request)  # type: ignore[arg-type]

    project.answer = answer
    assert [call() for _ in range(5)] == [1] * 5
    assert len(set(ports)) == 1


def test_where_the_kept_connection_died_the_call_is_sent_again(project: Upstream) -> None:
    project.answer = in_turn(says(200, b"1"), hangs_up, says(200, b"2"))
    assert [call(), call()] == [1, 2]
    assert len(project.requests) == 3


def test_it_is_sent_again_once_and_no_more(project: Upstream) -> None:
    project.answer = hangs_up
    with pytest.raises(UpstreamError):
        call()
    assert len(project.requests) == 2


def test_an_answer_in_drops_is_no_answer(project: Upstream) -> None:
    project.answer = drips
    with pytest.raises((UpstreamError, UpstreamTimeout)):
        call(timeout=0.05)


@pytest.mark.parametrize("name", ["SUPABASE_URL", "SUPABASE_SECRET_KEY"])
def test_a_setting_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(SettingsError, match=name):
        call()


def test_the_key_is_not_shown() -> None:
    assert KEY not in repr(service_role())


# --- a key that was rotated


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The values of a secret store that is read again without a pause."""
    values = {"petition/supabase": "sb_secret_old"}
    monkeypatch.setattr(secrets, "_read", lambda ref: values[ref.name])
    monkeypatch.setattr(secrets, "PAUSE_SECONDS", 0)
    monkeypatch.setenv("SUPABASE_SECRET_KEY", "ssm:petition/supabase")
    secrets._cache.cache_clear()
    yield values
    secrets._cache.cache_clear()


def test_a_rotated_key_is_read_anew_when_the_old_one_is_refused(project: Upstream, store: dict[str, str]) -> None:
    call()
    store["petition/supabase"] = "sb_secret_new"
    project.answer = in_turn(says(401), says(200, b"2"))
    assert call() == 2
    assert call() == 2
    keys = [headers["apikey"] for _, _, headers, _ in project.requests]
    assert keys == ["sb_secret_old", "sb_secret_old", "sb_secret_new", "sb_secret_new"]


def test_a_key_that_is_refused_and_was_not_rotated_is_a_failure(project: Upstream, store: dict[str, str]) -> None:
    assert store
    project.answer = says(401)
    with pytest.raises(UpstreamError):
        call()
    assert len(project.requests) == 1
