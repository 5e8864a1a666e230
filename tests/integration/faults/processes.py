"""Function processes that a test can start by the hundred: each is forked from one that has imported the functions.

What importing them has made is forgotten before. So a fork's first request is a cold process's first.
"""

import importlib
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import forkserver, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from tests.integration.lambda_process import Context

GRACE_SECONDS = 5.0

_forks = get_context("forkserver")
_forks.set_forkserver_preload(["tests.integration.faults.preload"])
_starting = Lock()  # starting a fork is not made for several threads


@dataclass(frozen=True)
class Outcome:
    """What came of one invocation.

    Attributes:
        result: what the handler returned; the name of its exception's class where it raised.
        seconds: how long it took.
    """

    result: Any
    seconds: float


class FunctionProcess:
    """One running process. It can be asked for any function, as they share what a process makes."""

    def __init__(self, pipe: Connection, pid: int) -> None:
        self._pipe = pipe
        self.pid = pid

    def invoke(self, handler: str, event: object, *, seconds: float) -> Outcome:
        """Have a handler answer an event, with so many seconds until its time-out.

        Raises:
            TimeoutError: it went on for longer: Lambda would have killed it.
        """
        self._pipe.send((handler, event, seconds))
        if not self._pipe.poll(seconds + GRACE_SECONDS):
            raise TimeoutError
        result, took = self._pipe.recv()
        if took > seconds:
            raise TimeoutError
        return Outcome(result, took)

    @property
    def sockets(self) -> int:
        """The number of sockets that it holds open."""
        folder = Path(f"/proc/{self.pid}/fd")
        return sum(1 for link in folder.iterdir() if _target(link).startswith("socket:"))

    @property
    def threads(self) -> int:
        """The number of its threads."""
        return len(list(Path(f"/proc/{self.pid}/task").iterdir()))

    @property
    def resident_bytes(self) -> int:
        """The memory that it holds, in bytes."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def function_process(environment: Mapping[str, str], log: Path) -> Iterator[FunctionProcess]:
    """Run a process for the length of a block.

    Args:
        environment: its variables, and no others.
        log: the file that its output is added to.
    """
    ours, theirs = _forks.Pipe()
    process = _forks.Process(target=_serve, args=(theirs, dict(environment), str(log)), daemon=True)
    with _starting:
        _start_forkserver()
        process.start()
    theirs.close()
    assert process.pid is not None
    try:
        yield FunctionProcess(ours, process.pid)
    finally:
        ours.close()
        process.join(GRACE_SECONDS)
        process.kill()
        process.join()
        process.close()


def _start_forkserver() -> None:
    """Start what forks, where it does not run yet.

    What is on the path of this process alone, it would not find to import, and say nothing (python/cpython#126631).
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:  # closed since it was listed
        return ""


def _serve(pipe: Connection, environment: Mapping[str, str], log: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    _write_output_to(log)
    while True:
        try:
            handler, event, seconds = pipe.recv()
        except EOFError:
            return
        pipe.send(_invoke(handler, event, seconds))


def _write_output_to(log: str) -> None:
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(file, stream.fileno())
    os.close(file)


def _invoke(path: str, event: object, seconds: float) -> tuple[object, float]:
    module, _, name = path.rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    began = time.monotonic()
    try:
        result = handler(event, Context(seconds))
    except Exception as error:  # noqa: BLE001 - as Lambda's runtime, which reports it
        result = type(error).__name__
    return result, time.monotonic() - began
