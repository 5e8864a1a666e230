"""Warm requests: what a handler adds to its own round trips."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median, quantiles

from bench.children import Child, check_answer, run_child
from bench.variants import Variant

BLOCK = 250


@dataclass
class Warm:
    """What was measured of one program.

    Attributes:
        handler: each call, in ms.
        bare: the same round trips without the handler, call by call beside it.
        trips: how many a request makes.
        peak_mib: the most memory that the process had in its first calls, before anything was measured in it.
    """

    trips: int
    peak_mib: float
    handler: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    @property
    def overhead_p50(self) -> float:
        """What the handler adds to its round trips at the median."""
        return median(self._overheads())

    @property
    def overhead_p99(self) -> float:
        """What it adds in one call of a hundred, the noise of the round trips included."""
        return quantiles(self._overheads(), n=100)[98]

    @property
    def whole_p50(self) -> float:
        """A request, round trips included, at the median."""
        return median(self.handler)

    def _overheads(self) -> list[float]:
        return [whole - part for whole, part in zip(self.handler, self.bare, strict=True)]


def measure_warm_calls[Name](programs: Mapping[Name, Variant], calls: int) -> dict[Name, Warm]:
    """So many calls of each program. They take turns block by block.

    Raises:
        BenchError: a program does not answer the request.
    """
    children: dict[Name, Child] = {}
    measured: dict[Name, Warm] = {}
    with ExitStack() as stack:
        for name, program in programs.items():
            # One warms up after the other: of two that generate the same chart at once, one is refused.
            children[name] = stack.enter_context(run_child(program, "warm"))
            measured[name] = _read_first_line(children[name])
        for size in _blocks(calls):
            for name, child in children.items():
                _measure(child, size, measured[name])
    return measured


def _read_first_line(child: Child) -> Warm:
    first = child.line()
    check_answer(first["answer"])
    return Warm(trips=len(first["trips"]), peak_mib=first["peakKiB"] / 1024)


def _blocks(calls: int) -> Iterator[int]:
    for begin in range(0, calls, BLOCK):
        yield min(BLOCK, calls - begin)


def _measure(child: Child, size: int, measured: Warm) -> None:
    child.ask(str(size))
    block = child.line()
    measured.handler.extend(_ms(block["handler"]))
    measured.bare.extend(_ms(block["bare"]))


def _ms(nanoseconds: Sequence[int]) -> list[float]:
    return [taken / 1_000_000 for taken in nanoseconds]
