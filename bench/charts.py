"""Charts: generate_chart_data beside the same SQL written by hand, and beside paging rows through the REST interface.

    python -m bench.charts [--rows 10000 100000 1000000] [--ten-million]

All ways of one chart are timed in turn on the same rows of a PostgreSQL that the benchmark starts for itself, and their
numbers are compared before any time is taken. The table goes to the terminal, the figures to build/bench/charts.json.
"""

import argparse
import json
import os
import platform
import socket
import statistics
import subprocess
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TypedDict
from zoneinfo import ZoneInfo

import httpx
import psycopg
from psycopg.types.json import Jsonb
from rich.console import Console
from rich.table import Table

from bench.chart_cases import CAMPAIGN, CASES, FILL, NOW, PARAMETERS, ZONE, Case
from local import postgres
from local.services.node import NODE

ROOT = Path(__file__).parents[1]
PACKAGES = ROOT / "bench/node"
LITE = PACKAGES / "node_modules/@supabase/lite/dist/cli/index.js"
OUTPUT = ROOT / "build/bench/charts.json"
CHART = "0c7a52f0-4c5b-4a53-8f3e-0f4f6f6c1e11"
PAGE = 1000  # the most that PostgREST answers at once
SECRET = "bench-only"  # noqa: S105  # of a server that lives as long as this program
MOST_PAGED = 1_000_000
SLOWEST_AT = 1_000_000
MOST_TRACED = 200_000  # tracing slows paging down several times
AT_MOST_HAND_WRITTEN, AT_LEAST_PAGED = 1.2, 50.0


@dataclass(frozen=True)
class Figures:
    """One chart over one number of rows: medians in milliseconds, and the client's greatest memory in KiB."""

    chart: str
    rows: int
    generated_ms: float
    by_hand_ms: float | None
    paged_ms: float | None = None
    generated_kib: float | None = None
    paged_kib: float | None = None

    @property
    def to_hand_written(self) -> float | None:
        """Time in terms of the SQL written by hand."""
        return self.generated_ms / self.by_hand_ms if self.by_hand_ms else None

    @property
    def to_paged(self) -> float | None:
        """How many times faster than paging."""
        return self.paged_ms / self.generated_ms if self.paged_ms else None

    @property
    def is_missed(self) -> bool:
        """Whether it falls short of what is asked for many rows; over few, what does not grow with them weighs more."""
        slower = self.rows >= SLOWEST_AT and (self.to_hand_written or 0) > AT_MOST_HAND_WRITTEN
        return slower or (self.rows >= MOST_TRACED and (self.to_paged or AT_LEAST_PAGED) < AT_LEAST_PAGED)


def main() -> None:
    """Measure, print, write."""
    options = _options()
    if not LITE.exists():
        # the same npm as for the local stack, and a lock file of the project's own
        subprocess.run([ROOT / ".venv/bin/npm", "ci", "--ignore-scripts"], cwd=PACKAGES, check=True, timeout=600)  # noqa: S603  # a command of ours
    figures = [figure for rows in options.rows for figure in _measured(rows, options.rounds)]
    _print(figures)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps({"machine": _machine(), "figures": [asdict(figure) for figure in figures]}, indent=2))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 200_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=9, help="of each chart, interleaved; the median counts")
    parser.add_argument("--ten-million", action="store_true", help="and 10,000,000 rows: some minutes and 3 GB of disk")
    options = parser.parse_args()
    options.rows += [10_000_000] * options.ten_million
    return options


def _measured(rows: int, rounds: int) -> Iterator[Figures]:
    with postgres.server(settings=["shared_buffers=512MB", "max_wal_size=8GB"], port=_free_port()) as server:
        server.create_project("bench")
        with server.connect("bench") as database:
            for statement in FILL:
                database.execute(statement, {"campaign": CAMPAIGN, "rows": rows} if "%(" in statement else None)
            for case in CASES:
                yield _compared(database, case, rows, rounds)
            if rows <= MOST_PAGED:
                _add_chart(database)
                with _rest(database.info.port) as client:
                    yield _beside_paging(client, rows)


def _compared(database: psycopg.Connection, case: Case, rows: int, rounds: int) -> Figures:
    def generated() -> object:
        query = "select generate_chart_data(%s, %s, %s)->'rows'"
        return database.execute(query, (Jsonb(case.config), NOW, CAMPAIGN)).fetchone()

    def by_hand() -> object:
        return database.execute(case.by_hand, PARAMETERS).fetchone()

    _check(case.name, generated(), by_hand())
    times = _interleaved([generated, by_hand], rounds)
    return Figures(case.name, rows, *times)


def _check(name: str, left: object, right: object) -> None:
    """Times of different results would be worth nothing. Averages differ in digits that no chart shows."""
    if _rounded(left) != _rounded(right):
        message = f"{name}: the two ways differ"
        raise SystemExit(message)


def _rounded(value: object) -> object:
    return json.loads(json.dumps(value), parse_float=lambda text: round(float(text), 6))


def _interleaved(ways: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for taken, way in zip(times, ways, strict=True):
            begin = time.perf_counter()
            way()
            taken.append((time.perf_counter() - begin) * 1000)
    return [statistics.median(taken) for taken in times]


@contextmanager
def _rest(database_port: int) -> Iterator[httpx.Client]:
    """The REST interface over the same PostgreSQL: Supabase Lite with its driver for a server."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "supabase")
        project.mkdir()
        url = f"postgres://postgres@127.0.0.1:{database_port}/bench"
        (project / "config.toml").write_text(
            f'[api]\nport = {port}\n[db]\ndriver = "postgres"\nurl = "{url}"\n'
            '[auth]\nenabled = false\npublishable_key = "sb_publishable_bench"\nsecret_key = "env(SECRET)"\n'
        )
        command: list[str | Path] = [NODE, LITE, "start", "--no-admin"]
        environment = {"PATH": os.environ["PATH"], "LITE_TELEMETRY": "0", "SECRET": f"sb_secret_{SECRET}"}
        with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL) as process:  # noqa: S603  # ours
            try:
                yield _client(port)
            finally:
                process.terminate()


def _client(port: int) -> httpx.Client:
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{port}/rest/v1",
        headers={"apikey": f"sb_secret_{SECRET}"},
        timeout=120,
        trust_env=False,
    )
    deadline = time.monotonic() + 60
    while True:
        try:
            client.get("/campaigns?select=id").raise_for_status()
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return client


def _add_chart(database: psycopg.Connection) -> None:
    query = "insert into public.charts (id, campaign_id, title, config) values (%s, %s, %s, %s)"
    database.execute(query, (CHART, CAMPAIGN, CASES[0].name, Jsonb(CASES[0].config)))


def _beside_paging(client: httpx.Client, rows: int) -> Figures:
    """The first chart through the REST interface: once generated and persisted there, once added up here from pages."""
    case = CASES[0]

    def generated() -> object:
        answer = client.post("/rpc/generate_chart", json={"chart_id": CHART}).raise_for_status().json()
        return answer["chart"]["data"]["rows"]

    def paged() -> object:
        zone, counts, last = ZoneInfo(ZONE), Counter[str](), 0
        while page := _page(client, last):
            counts.update(datetime.fromisoformat(row["signed_at"]).astimezone(zone).date().isoformat() for row in page)
            last = page[-1]["id"]
        return counts

    counts = paged()
    assert isinstance(counts, Counter)  # noqa: S101  # for the type checker
    found = generated()
    assert isinstance(found, list)  # noqa: S101  # for the type checker
    _check("paging", [row["n"] for row in found], [counts[row["signed_at"]] for row in found])
    (fast,) = _interleaved([generated], 9)
    (slow,) = _interleaved([paged], 1 if rows >= MOST_TRACED else 3)
    paged_kib = _peak_kib(paged) if rows <= MOST_TRACED else None
    return Figures(f"{case.name}, through REST", rows, fast, None, slow, _peak_kib(generated), paged_kib)


class Signature(TypedDict):
    """What is asked of a signature for adding up."""

    id: int
    signed_at: str


def _page(client: httpx.Client, last: int) -> list[Signature]:
    query = f"/signatures?select=id,signed_at&campaign_id=eq.{CAMPAIGN}&id=gt.{last}&order=id&limit={PAGE}"
    return client.get(query).raise_for_status().json()  # type: ignore[no-any-return]  # rows as JSON


def _peak_kib(way: Callable[[], object]) -> float:
    tracemalloc.start()
    way()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1024


def _print(figures: Sequence[Figures]) -> None:
    heads = ("chart", "rows", "ms", "by hand", "ratio", "paged ms", "times faster", "KiB", "paged KiB")
    table = Table(*heads, title=_machine())
    for figure in figures:
        table.add_row(
            figure.chart,
            f"{figure.rows:,}",
            _figure(figure.generated_ms, 1),
            _figure(figure.by_hand_ms, 1),
            _figure(figure.to_hand_written, 2),
            _figure(figure.paged_ms),
            _figure(figure.to_paged),
            _figure(figure.generated_kib),
            _figure(figure.paged_kib),
            style="red" if figure.is_missed else None,
        )
    Console(width=140).print(table)


def _figure(value: float | None, digits: int = 0) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, PostgreSQL 18"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
