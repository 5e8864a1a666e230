"""The table: one row a figure, beside its floor, its peer and its target.

The rows are kept in docs/benchmarks.json, so that measuring one section again leaves the others as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from bench.machine import describe
from local.state import ROOT

KEPT: Final = ROOT / "docs" / "benchmarks.json"
PAGE: Final = ROOT / "docs" / "benchmarks.md"
INTRODUCTION: Final = """\
# Benchmarks

Written by `make bench`; nothing here is typed in by hand. What the rows mean and what was done for them:
[performance.md](performance.md).

"""

# Below it, two digits after the point would round a ratio to nothing.
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
        """Whether the figure stays within its target."""
        return self.value <= self.at_most

    def __str__(self) -> str:
        """The figure, and the target that it must not exceed."""
        return f"{self.value:.3g} of {self.at_most:g} {self.unit}".rstrip()


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


@dataclass(frozen=True)
class Section:
    """What was measured together, and on what."""

    measured_on: str
    rows: list[Row]


def read_sections() -> dict[str, Section]:
    """The sections that were measured and kept, by name; none where the file was removed to begin anew."""
    return msgspec.json.decode(KEPT.read_bytes(), type=dict[str, Section]) if KEPT.exists() else {}


def write_page(sections: Mapping[str, Section]) -> str:
    """docs/benchmarks.md: the machines, and one table."""
    rows = [row for section in sections.values() for row in section.rows]
    order = {name: place for place, name in enumerate(dict.fromkeys(row.measured for row in rows))}
    machines = "\n".join(f"- {name}: {section.measured_on}" for name, section in sections.items())
    return f"{INTRODUCTION}Measured on:\n\n{machines}\n\n{table(sorted(rows, key=lambda row: order[row.measured]))}"


class Report:
    """What a run measures, section by section."""

    def __init__(self, *, is_kept: bool) -> None:
        """Begin; a run that is kept replaces the sections of earlier ones, each in its place."""
        self._is_kept = is_kept
        self._sections = read_sections() if is_kept else {}

    def add(self, name: str, rows: Iterable[Row]) -> None:
        """Add a section, or replace an older one; taking its rows is what measures them."""
        measured_on = describe()
        self._sections[name] = Section(measured_on, list(rows))
        if self._is_kept:
            KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(self._sections)) + b"\n")
            PAGE.write_text(self.text())

    def text(self) -> str:
        """The page of all sections."""
        return write_page(self._sections)
