"""The folder that the tests' stack keeps its data in, for what its description does not tell."""

import os
from pathlib import Path

from local.description import Description
from local.state import ROOT, State


def state_of(stack: Description) -> State:
    """Its state: the one that STACK points to, or the tests' own."""
    file = os.environ.get("STACK")
    state = State(Path(file).resolve().parent if file else ROOT / ".local" / "test")
    assert Description.read(state.stack_file) == stack
    return state
