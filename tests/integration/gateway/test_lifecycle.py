"""Processes of the gateway: when they start, are replaced and end."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from local.gateway import Code, FunctionError, Throttled
from tests.integration.gateway.harness import APP, LIMIT, Harness, Start, has_ended, until

ROOT = Path(__file__).parents[3]
WORD = "layer/shared_words/__init__.py"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The app in a folder of the test's own."""
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(APP, tmp_path / "app", ignore=ignored))


def test_a_changed_source_is_served_with_the_next_request(start: Start, copy: Path) -> None:
    running = start(template=copy / "template.yaml", layers=[copy / "layer"])
    before = running.http.post("/echo").json()

    (copy / WORD).write_text('WORD = "changed since"\n')
    after = running.http.post("/echo").json()

    assert (before["word"], after["word"]) == ("from the layer", "changed since")
    assert until(lambda: has_ended(before["pid"]))


def test_a_source_that_is_broken_and_fixed_needs_no_restart(start: Start, copy: Path) -> None:
    running = start(template=copy / "template.yaml", layers=[copy / "layer"])

    (copy / WORD).write_text("WORD = (\n")
    broken = running.http.post("/echo")
    (copy / WORD).write_text('WORD = "changed"\n')

    assert broken.status_code == 500
    assert running.http.post("/echo").json()["word"] == "changed"


def test_a_build_is_served_in_place_of_the_source(start: Start, copy: Path) -> None:
    (copy / WORD).write_text('WORD = "built"\n')
    running = start(code={"Echo": Code(copy / "functions", [copy / "layer"])}, reload=False)

    seen = running.http.post("/echo").json()

    assert (seen["word"], seen["environment"]["LAMBDA_TASK_ROOT"]) == ("built", str(copy / "functions"))


def test_missing_code_is_a_500_with_a_line_in_the_log(start: Start, tmp_path: Path) -> None:
    running = start(code={"Echo": Code(tmp_path / "missing")})

    assert running.http.post("/echo").status_code == 500
    assert running.wait_for_line(lambda line: line.startswith("The process cannot be started"))


def test_a_missing_interpreter_is_a_500(start: Start) -> None:
    assert start(interpreter=["/missing/python"]).http.post("/echo").status_code == 500


def test_a_function_is_invoked_by_name(start: Start) -> None:
    running = start()

    assert running.run(running.gateway.invoke("Worker", {"Records": []})) == {"batchItemFailures": []}
    with pytest.raises(FunctionError, match="Answers raised an error"):
        running.run(running.gateway.invoke("Answers", {"pathParameters": {"kind": "raise"}}))


def test_a_function_without_concurrency_is_throttled(start: Start) -> None:
    running = start(processes=0)

    assert running.http.post("/echo").json() == {"message": "Service Unavailable"}
    with pytest.raises(Throttled):
        running.run(running.gateway.invoke("Echo", {}))


def test_an_idle_process_that_died_is_replaced(start: Start) -> None:
    running = start()
    pid = running.http.post("/echo").json()["pid"]

    os.kill(pid, signal.SIGKILL)
    # The gateway's loop learns of it a moment later.
    until(lambda: not running.gateway._pools["Echo"]._idle[0].alive)

    assert running.http.post("/echo").json()["pid"] != pid


def test_a_stop_ends_every_process_the_busy_ones_too(start: Start) -> None:
    running = start()
    idle = running.http.post("/echo").json()["pid"]
    answers: list[int] = []
    caller = threading.Thread(target=lambda: answers.append(running.http.get("/one?wait=60").status_code))
    caller.start()
    running.wait_for_line(lambda line: line == "request /one")

    running.run(running.gateway.stop())
    caller.join(LIMIT)

    assert answers == [500]
    assert has_ended(idle)


GATEWAY = f"""
import asyncio, pathlib
from local.gateway import Gateway, GatewayConfig

async def main():
    app = pathlib.Path({str(APP)!r})
    log = lambda _, line: print(line, flush=True)
    config = GatewayConfig(template=app / "template.yaml", layers=[app / "layer"], on_log=log)
    async with Gateway(config) as gateway:
        await gateway.invoke("Answers", {{"pathParameters": {{"kind": "busy"}}}})

asyncio.run(main())
"""


def test_a_busy_function_does_not_outlive_a_gateway_that_is_killed() -> None:
    command = [sys.executable, "-c", GATEWAY]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as gateway:  # noqa: S603 - our own
        assert gateway.stdout
        function = int(gateway.stdout.readline().split()[1])
        gateway.kill()

    assert until(lambda: has_ended(function))


def test_a_stop_while_processes_start_leaves_none(start: Start) -> None:
    running = start()

    def call() -> None:
        # The gateway may stop listening before it has read a request: that one gets no answer.
        with contextlib.suppress(httpx.NetworkError, httpx.RemoteProtocolError):
            running.http.post("/echo")

    callers = [threading.Thread(target=call) for _ in range(8)]
    for caller in callers:
        caller.start()
    until(lambda: running.gateway._pools["Echo"]._all)

    running.run(running.gateway.stop())
    for caller in callers:
        caller.join(LIMIT)

    assert not running.gateway._pools["Echo"]._all


def test_output_is_kept_in_a_file_for_each_function(start: Start, tmp_path: Path) -> None:
    running: Harness = start(log_dir=tmp_path / "logs")
    running.http.post("/echo")
    running.http.post("/answers/raise")
    running.run(running.gateway.stop())

    assert (tmp_path / "logs" / "Echo.log").read_text() == "request /echo\n"
    assert "[ERROR] ValueError: raised on purpose\nTraceback" in (tmp_path / "logs" / "Answers.log").read_text()
