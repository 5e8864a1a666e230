"""The folder that the tests' stack keeps its data in, for what its description does not tell."""

import os
from pathlib import Path

from local.description import Description
from local.state import ROOT, State


def tests_state() -> State:
    """The tests' own state, apart from `make dev`'s. Each process of tests has one, and so a stack of its own."""
    return State(ROOT / ".local" / "test" / os.environ.get("PYTEST_XDIST_WORKER", "gw0"))


def state_of(stack: Description) -> State:
    """Return a stack's state: the one that STACK points to, or the tests' own."""
    file = os.environ.get("STACK")
    state = State(Path(file).resolve().parent) if file else tests_state()
    assert Description.read(state.stack_file) == stack
    return state
