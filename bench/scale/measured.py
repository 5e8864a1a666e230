"""Service times, as `make bench` measured them on a machine of the speed that one deploys on.

They are kept apart from the benchmark's last run, which any machine may have made: the template's limits rest on them.
`python -m bench.scale --renew` takes the last run's.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from bench.report import Row, Section

SERVICE_TIMES: Final = Path(__file__).with_name("service_times.json")
UNITS: Final = {"ms": 1e-3, "s": 1.0}


@dataclass(frozen=True)
class Times:
    """Seconds of one route: a cold start, our own work when warm, and what its upstreams take beside it."""

    cold: float
    overhead: float
    upstreams: float


@dataclass(frozen=True)
class ServiceTimes:
    """The times of the routes, by path, and the machines on which they were measured."""

    measured_on: dict[str, str]
    times: dict[str, Times]


def read_service_times() -> ServiceTimes:
    """Those that were kept."""
    return msgspec.json.decode(SERVICE_TIMES.read_bytes(), type=ServiceTimes)


def renew_service_times(sections: Mapping[str, Section], paths: Iterable[str]) -> None:
    """Keep those of a benchmark.

    Raises:
        LookupError: it did not measure a route.
    """
    kept = ServiceTimes(
        {path: sections[path].measured_on for path in paths},
        {path: times(sections[path].rows, path) for path in paths},
    )
    SERVICE_TIMES.write_bytes(msgspec.json.format(msgspec.json.encode(kept)) + b"\n")


def times(rows: Iterable[Row], route: str) -> Times:
    """The times of a route."""
    ours = {row.measured: row.ours for row in rows if row.route == route}
    overhead = _seconds(ours["warm overhead p50"])
    whole = _seconds(ours["warm request p50, round trips included"])
    return Times(_seconds(ours["cold start"]), overhead, whole - overhead)


def _seconds(figure: str) -> float:
    found = re.fullmatch(r"([0-9.,]+) (ms|s)", figure)
    if not found:
        raise LookupError(f"{figure} is not a time.")
    return float(found[1].replace(",", "")) * UNITS[found[2]]
