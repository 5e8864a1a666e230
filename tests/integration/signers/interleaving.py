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
    (signatures, "signers_page"),
    (signatures, "signer_changes"),
    (set_build, "begin"),
    (set_build, "add"),
    (set_build, "replace"),
    (set_store, "apply"),
)


class CrashError(Exception):
    """The process ends here."""


@dataclass
class Interleaving:
    """Counts steps, and lets something happen before one of them."""

    place: int = -1
    happening: Callable[[], object] = lambda: None
    watching: Callable[[], object] = lambda: None
    count: int = 0
    _is_happening: bool = False
    # Pages are read and written in two threads.
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def pass_by(self) -> None:
        """A step is about to be taken."""
        if self._is_happening:
            return  # the interruption takes such steps itself
        with self._lock:
            place, self.count = self.count, self.count + 1
            if place == self.place:
                self._happen()
            self.watching()

    def _happen(self) -> None:
        self._is_happening = True
        try:
            self.happening()
        finally:
            self._is_happening = False


@contextmanager
def interleave(
    place: int = -1, happening: Callable[[], object] = lambda: None, watching: Callable[[], object] = lambda: None
) -> Iterator[Interleaving]:
    """For the length of a block, let something happen before a step, and something else be seen before each."""
    interleaving = Interleaving(place, happening, watching)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signatures, "SIGNERS", 3)
        patch.setattr(signatures, "CHANGES", 2)
        for module, name in STEPS:
            patch.setattr(module, name, _stepping(getattr(module, name), interleaving))
        yield interleaving


def _stepping(step: Callable[..., Any], interleaving: Interleaving) -> Callable[..., Any]:
    def take(*arguments: object) -> object:
        interleaving.pass_by()
        return step(*arguments)

    return take


def places(run: Callable[[], object]) -> range:
    """The places in a run at which something can happen."""
    with interleave() as interleaving:
        run()
    return range(interleaving.count)
