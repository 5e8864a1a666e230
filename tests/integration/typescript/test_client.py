"""The client against a server that is busy: what it repeats, how long it waits, and what it leaves to the caller."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.services.node import NODE
from tests.integration.sessions.scripted import Upstream, hangs_up, in_turn, says, upstream
from tests.integration.typescript.compiling import CLIENT, project, run

BUSY = says(503, b'{"code": "upstream_busy"}', **{"Retry-After": "1", "Content-Type": "application/json"})
RUNNING = says(409, b'{"code": "generation_in_progress"}', **{"Retry-After": "0", "Content-Type": "application/json"})
LONG = says(503, b'{"code": "upstream_busy"}', **{"Retry-After": "60", "Content-Type": "application/json"})
UNKNOWN = says(503, b'{"message": "Service Unavailable"}', **{"Content-Type": "application/json"})
DONE = says(200, b'{"ok": true}', **{"Content-Type": "application/json"})

type Call = Callable[..., dict[str, Any]]


@pytest.fixture
def server() -> Iterator[Upstream]:
    with upstream(DONE) as found:
        yield found


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("calls"))
    client = folder / "node_modules" / "petition-client"
    client.symlink_to(CLIENT)
    run(
        *("esbuild", "calls.ts", "--bundle", "--platform=node", "--format=esm", "--outfile=calls.mjs"),
        f"--alias:petition-client={CLIENT / 'src' / 'index.ts'}",
        cwd=folder,
    ).check_returncode()
    return folder / "calls.mjs"


@pytest.fixture
def call(server: Upstream, script: Path) -> Call:
    def call_client(**options: object) -> dict[str, Any]:
        command: list[str | Path] = [NODE, script, json.dumps(options)]
        done = subprocess.run(  # noqa: S603 - our own script
            command, env={"API_URL": server.url}, capture_output=True, text=True, timeout=60, check=True
        )
        return json.loads(done.stdout)  # type: ignore[no-any-return]  # JSON

    return call_client


def test_a_busy_answer_is_repeated_after_the_time_that_it_names(server: Upstream, call: Call) -> None:
    server.answer = in_turn(BUSY, RUNNING, DONE)
    said = call()
    assert (said["status"], said["data"]) == (200, {"ok": True})
    assert said["waits"][0] >= 1000 > said["waits"][1]
    assert [headers["authorization"] for _, _, headers, _ in server.requests] == ["Bearer token-0"] * 3


@pytest.mark.parametrize("answer", [LONG, UNKNOWN, says(500), says(429), says(422)])
def test_any_other_failure_is_the_callers_at_once(server: Upstream, call: Call, answer: Callable[..., None]) -> None:
    server.answer = answer
    assert call()["waits"] == []


def test_it_gives_up_after_as_many_repeats_as_it_was_told(server: Upstream, call: Call) -> None:
    server.answer = RUNNING
    said = call(retries=3)
    assert (said["status"], len(said["waits"])) == (409, 3)
    assert said["error"] == {"code": "generation_in_progress"}


def test_a_connection_that_breaks_is_not_repeated(server: Upstream, call: Call) -> None:
    server.answer = hangs_up
    assert (call()["error"], len(server.requests)) == ("TypeError", 1)


def test_a_wait_can_be_broken_off(server: Upstream, call: Call) -> None:
    server.answer = LONG
    said = call(maxWait=120, abortAfter=300)
    assert (said["error"], said["waits"]) == ("TimeoutError", [])
