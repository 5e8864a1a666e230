"""The table: one row a figure, beside its floor, its peer and its target."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Below it, two digits after the point would round a ratio away.
HUNDREDTHS_FROM = 0.1
HEADINGS = ("measured", "route", "ours", "floor", "peer", "ours / floor", "ours / peer", "target", "")


@dataclass(frozen=True)
class Limit:
    """A figure that must not be larger than a target."""

    value: float
    at_most: float
    unit: str

    @property
    def is_met(self) -> bool:
        """Whether it is not."""
        return self.value <= self.at_most

    def __str__(self) -> str:
        """The target alone."""
        return f"{self.at_most:g} {self.unit}"


@dataclass(frozen=True)
class Row:
    """One line; what is empty was not measured or has no target."""

    measured: str
    route: str
    ours: str
    floor: str = ""
    peer: str = ""
    to_floor: float | None = None
    to_peer: float | None = None
    limits: Sequence[Limit] = ()

    def cells(self) -> tuple[str, ...]:
        """The line under `HEADINGS`."""
        ratios = [_ratio(self.to_floor), _ratio(self.to_peer)]
        target = ", ".join(map(str, self.limits))
        return (self.measured, self.route, self.ours, self.floor, self.peer, *ratios, target, self._verdict())

    def _verdict(self) -> str:
        if not self.limits:
            return ""
        return "pass" if all(limit.is_met for limit in self.limits) else "**missed**"


def table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table, its columns aligned so that it can be read as it is."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    rule = tuple("-" * width for width in widths)
    return "\n".join(_line(line, widths) for line in (lines[0], rule, *lines[1:])) + "\n"


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}" if value >= HUNDREDTHS_FROM else f"{value:.4f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
