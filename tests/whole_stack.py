"""The whole stack for a run of tests: the program itself, as a process.

`python -m tests.whole_stack` makes the data that each process of tests begins with.

STACK=.local/stack.json  use a stack that is running already, such as that of `make dev`
BUILD=.aws-sam/build     run what `sam build` has left there, with what Lambda has besides, in place of the source tree
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from local.description import Description
from local.state import ROOT, State
from local.tether import tether_command
from tests import lambda_runtime
from tests.stack_state import tests_state

MADE = State(ROOT / ".local" / "test" / "made")
START_SECONDS = 240  # a first start, on a machine that is busy
STOP_SECONDS = 30


@contextmanager
def whole_stack() -> Iterator[Description]:
    """A running stack, kept in `.local/test` so that it can run beside `make dev`.

    Raises:
        AssertionError: it did not start; the message is what it printed.
    """
    if running := os.environ.get("STACK"):
        yield Description.read(Path(running))
        return
    state = tests_state()
    _copy_data(state)
    with start_stack(state, *_build()) as process:
        yield wait_until_ready(process, state)


@contextmanager
def start_stack(state: State, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the program on this state for the length of a block. What it prints is kept in the state's folder."""
    state.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state.stack_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "local", "--state", str(state.folder), *(arguments or ("--port", "0"))]
    with output_file(state).open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program
            tether_command(command), cwd=ROOT, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def make_data() -> None:
    """Start a stack once, so that others begin with a copy of its data: that takes a fraction of the time.

    Not where a stack that is running is used.

    Raises:
        AssertionError: as `whole_stack`.
    """
    if "STACK" not in os.environ and not MADE.folder.exists():
        with start_stack(MADE) as process:
            wait_until_ready(process, MADE)


def _copy_data(state: State) -> None:
    """Give a state that has no data a copy of what `make_data` has made.

    What was made from other sources than those of today, the stack makes anew by itself.
    """
    if state.folder.exists() or not MADE.folder.exists():
        return
    copy = state.folder.with_suffix(".copy")
    shutil.rmtree(copy, ignore_errors=True)
    # With their owner: to root, PostgreSQL's files are somebody else's.
    subprocess.run(["cp", "-a", MADE.folder, copy], check=True)  # noqa: S603, S607 - of this machine
    (copy / "ports.json").unlink(missing_ok=True)
    copy.rename(state.folder)


def wait_until_ready(process: subprocess.Popen[bytes], state: State) -> Description:
    """Wait for the file that a ready stack writes."""
    deadline = time.monotonic() + START_SECONDS
    while not state.stack_file.exists():
        assert process.poll() is None, f"The stack did not start:\n{output_file(state).read_text()}"
        assert time.monotonic() < deadline, f"The stack is not ready:\n{output_file(state).read_text()}"
        time.sleep(0.05)
    return Description.read(state.stack_file)


def output_file(state: State) -> Path:
    """Return the file of what the program prints."""
    return state.folder / "printed.txt"


def _build() -> Sequence[str]:
    if not (build := os.environ.get("BUILD")):
        return ()
    folder = Path(build)
    layers = folder / "SharedLayer" / "python", lambda_runtime.packages()
    return (
        *("--port", "0", "--template", str(folder / "template.yaml"), "--python", str(lambda_runtime.interpreter())),
        *(argument for layer in layers for argument in ("--layer", str(layer))),
    )


if __name__ == "__main__":
    make_data()
