"""Something that happens between any two steps of keeping a set."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from duplicate import set_build, set_store, signatures

# Every query and every write to Redis: anything else happens before or after one of these.
STEPS = (
    (signatures, "read_signers_page"),
    (signatures, "read_signer_changes"),
    (set_build, "begin"),
    (set_build, "add"),
    (set_build, "replace"),
    (set_store, "apply"),
)


class CrashError(Exception):
    """The process ends here."""


@dataclass
class Interleaving:
    """Counts steps, interrupts before one of them, and checks something before each."""

    step: int = -1
    interruption: Callable[[], object] = lambda: None
    check: Callable[[], object] = lambda: None
    count: int = 0
    _is_interrupted: bool = False
    # Pages are read and written in two threads.
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def begin_step(self) -> None:
        """Called before each step."""
        if self._is_interrupted:
            return  # the interruption takes such steps itself
        with self._lock:
            step, self.count = self.count, self.count + 1
            if step == self.step:
                self._interrupt()
            self.check()

    def _interrupt(self) -> None:
        self._is_interrupted = True
        try:
            self.interruption()
        finally:
            self._is_interrupted = False


@contextmanager
def interleave(
    step: int = -1, interruption: Callable[[], object] = lambda: None, check: Callable[[], object] = lambda: None
) -> Iterator[Interleaving]:
    """For the length of a block, interrupt before one step, and check something before each."""
    interleaving = Interleaving(step, interruption, check)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signatures, "SIGNERS", 3)
        patch.setattr(signatures, "CHANGES", 2)
        for module, name in STEPS:
            patch.setattr(module, name, _as_step(getattr(module, name), interleaving))
        yield interleaving


def _as_step(call: Callable[..., Any], interleaving: Interleaving) -> Callable[..., Any]:
    def take(*arguments: object) -> object:
        interleaving.begin_step()
        return call(*arguments)

    return take


def steps_of(run: Callable[[], object]) -> range:
    """The steps of a run, by number."""
    with interleave() as interleaving:
        run()
    return range(interleaving.count)
