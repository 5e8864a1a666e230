"""Service times from docs/benchmarks.md, where `make bench` has written them."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.state import ROOT

TABLE: Final = ROOT / "docs" / "benchmarks.md"
UNITS: Final = {"ms": 1e-3, "s": 1.0}


@dataclass(frozen=True)
class Times:
    """Seconds of one route: a cold start, our own work when warm, and what its upstreams take beside it."""

    cold: float
    overhead: float
    upstreams: float


def figure(measured: str, route: str, table: Path = TABLE) -> float:
    """One figure of ours, in seconds.

    Raises:
        LookupError: it was not measured.
    """
    for line in table.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if cells[:2] == [measured, route] and (found := re.fullmatch(r"([0-9.,]+) (ms|s)", cells[2])):
            return float(found[1].replace(",", "")) * UNITS[found[2]]
    raise LookupError(f"{table.name} has no figure for {measured}, {route}.")


def times(route: str) -> Times:
    """The times of a route."""
    overhead = figure("warm overhead p50", route)
    whole = figure("warm request p50, round trips included", route)
    return Times(figure("cold start", route), overhead, whole - overhead)
