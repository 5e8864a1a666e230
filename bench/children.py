"""Talking to a measured process: one line of JSON at a time, over a pipe of its own, as its output is its log."""

import json
import os
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from bench.variants import Variant

SECONDS = 120


class BenchError(Exception):
    """A measured program does not do what it should, so its time means nothing."""


class Child:
    """A running process of a variant."""

    def __init__(self, process: subprocess.Popen[bytes], answers: int) -> None:
        """Take the process, and the end of its pipe that is read."""
        self._process = process
        self._answers = answers
        self._read = b""

    def ask(self, line: str) -> None:
        """Send a line to its standard input."""
        assert self._process.stdin  # noqa: S101 - it was asked for
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def line(self) -> dict[str, Any]:
        """The next line of JSON that it writes.

        Raises:
            BenchError: it ends, or says nothing for too long.
        """
        end = time.monotonic() + SECONDS
        while b"\n" not in self._read:
            ready, _, _ = select.select([self._answers], [], [], end - time.monotonic())
            piece = os.read(self._answers, 1 << 20) if ready else b""
            if not piece:
                raise BenchError("A measured process ended or hangs; see build/bench/run.")
            self._read += piece
        line, _, self._read = self._read.partition(b"\n")
        value: dict[str, Any] = json.loads(line)
        return value


@contextmanager
def run_child(variant: Variant, script: str) -> Iterator[Child]:
    """A process for the length of a block."""
    reading, writing = os.pipe()
    try:
        process = variant.child(script, writing)
    finally:
        os.close(writing)
    try:
        yield Child(process, reading)
    finally:
        os.close(reading)
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin  # noqa: S101 - it was asked for
    process.stdin.close()
    try:
        process.wait(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def check_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer, if it is a 200.

    Raises:
        BenchError: it is not.
    """
    if answer["statusCode"] != HTTPStatus.OK:
        raise BenchError(f"A measured program answered {answer['statusCode']}: {answer.get('body')}")
    return answer
