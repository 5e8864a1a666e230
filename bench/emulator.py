"""Cold and warm times under Lambda's own runtime: awslambdaric, behind the Runtime Interface Emulator, as processes.

The emulator comes with the wheel `aws-sam-cli`. It starts the runtime on the first request, and takes one at a time.
"""

import http.client
import json
import os
import platform
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

from bench.artefacts import ARCHITECTURES
from bench.children import BenchError, check_answer
from bench.variants import COMPARED, OUTPUT, Name, Variant
from local.state import HOST, free_port

PATH: Final = "/2015-03-31/functions/function/invocations"
START_SECONDS: Final = 10
ANSWER_SECONDS: Final = 30


@dataclass(frozen=True)
class Emulated:
    """Times in ms: from the first request, with which the runtime starts, and of a request after that."""

    cold: float
    warm: float


def measure_emulated(programs: Mapping[Name, Variant], runtime: Path, rounds: int, calls: int) -> dict[Name, Emulated]:
    """Medians of so many starts of each program, which take turns, and of so many calls after each.

    Raises:
        BenchError: a program does not answer the request.
    """
    cold: dict[Name, list[float]] = {name: [] for name in COMPARED}
    warm: dict[Name, list[float]] = {name: [] for name in COMPARED}
    for _ in range(rounds):
        for name in COMPARED:
            first, *others = _time_answers(programs[name], runtime, calls)
            cold[name].append(first)
            warm[name].extend(others)
    return {name: Emulated(median(cold[name]), median(warm[name])) for name in COMPARED}


def _time_answers(program: Variant, runtime: Path, calls: int) -> list[float]:
    event = program.event.read_bytes()
    with _emulator(program, runtime) as port:
        connection = http.client.HTTPConnection(HOST, port, timeout=ANSWER_SECONDS)
        try:
            return [_time_call(connection, event) for _ in range(calls + 1)]
        finally:
            connection.close()


def _time_call(connection: http.client.HTTPConnection, event: bytes) -> float:
    begin = perf_counter()
    connection.request("POST", PATH, event)
    answer = connection.getresponse().read()
    taken = perf_counter() - begin
    check_answer(json.loads(answer))
    return taken * 1000


@contextmanager
def _emulator(program: Variant, runtime: Path) -> Iterator[int]:
    """An emulator for the length of a block; its port."""
    port = free_port()
    # Without an address it listens on all of the machine's.
    public = ("--runtime-interface-emulator-address", f"{HOST}:{port}")
    private = ("--runtime-api-address", f"{HOST}:{free_port()}")
    command: list[str | Path] = [_binary(), *public, *private, program.python, "-m", "awslambdaric", program.handler]
    with (OUTPUT / f"{program.name}.emulator.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - this project's own programs
            command,
            env=program.whole_environment((runtime,)),
            cwd=OUTPUT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait(port)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _binary() -> Path:
    name = f"aws-lambda-rie-{ARCHITECTURES[platform.machine()]}"
    return Path(str(files("samcli.local.rapid") / name))


def _wait(port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise BenchError("The emulator does not listen.")
