"""Charts: generate_chart_data beside the same SQL written by hand, and beside paging rows through the REST interface.

    python -m bench.charts [--rows 10000 1000000]

All ways of one chart are timed in turn on the same rows of a PostgreSQL that the benchmark starts for itself, and their
numbers are compared before any time is taken.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Final

import psycopg
from psycopg.types.json import Jsonb

from bench.chart_cases import CAMPAIGN, CASES, FILL, NOW, PARAMETERS, Case
from bench.chart_paging import compare_with_paging
from bench.interleaved import time_interleaved
from bench.machine import describe
from bench.report import Limit, Row, table
from testing import postgres

ROWS: Final = (10_000, 100_000, 200_000, 1_000_000, 10_000_000)
MOST_PAGED: Final = 1_000_000
# Over few rows, fixed costs weigh more, so there is no target for them.
LIMITED_FROM: Final = 1_000_000
AT_MOST: Final = 1.2
ROUNDS: Final = 9
# Of ten million rows a statement takes seconds.
FEW_ROUNDS_ABOVE, FEW_ROUNDS = 1_000_000, 3
# As large as a small project's, so that a million rows are not read from the disk.
SETTINGS: Final = ("shared_buffers=512MB", "max_wal_size=8GB")


def rows(counts: Sequence[int] = ROWS) -> Iterator[Row]:
    """Measure over so many signatures each; the lines of the benchmarks' table."""
    for count in counts:
        print(f"Measuring charts over {count:,} rows", file=sys.stderr)
        with postgres.server(settings=SETTINGS) as server:
            server.create_project("bench")
            with server.connect("bench") as database:
                _fill(database, count)
                yield from [_compare_with_hand_written(database, case, count) for case in CASES]
                if count <= MOST_PAGED:
                    yield from compare_with_paging(server, database, count)


def _fill(database: psycopg.Connection, count: int) -> None:
    for statement in FILL:
        database.execute(statement, {"campaign": CAMPAIGN, "rows": count} if "%(" in statement else None)


def _compare_with_hand_written(database: psycopg.Connection, case: Case, count: int) -> Row:
    def generate() -> object:
        query = "select generate_chart_data(%s, %s, %s)->'rows'"
        return database.execute(query, (Jsonb(case.config), NOW, CAMPAIGN)).fetchone()

    def query_by_hand() -> object:
        return database.execute(case.by_hand, PARAMETERS).fetchone()

    _check(case.name, generate(), query_by_hand())
    ours, floor = time_interleaved([generate, query_by_hand], ROUNDS if count <= FEW_ROUNDS_ABOVE else FEW_ROUNDS)
    return Row(
        f"chart over {count:,} rows (floor: SQL by hand)",
        case.name,
        f"{ours:,.1f} ms",
        f"{floor:,.1f} ms",
        to_floor=ours / floor,
        limits=[Limit(ours / floor, AT_MOST, "x floor")] if count >= LIMITED_FROM else [],
    )


def _check(name: str, left: object, right: object) -> None:
    """Times of different results could not be compared. Averages differ in digits that no chart shows."""
    if _round_numbers(left) != _round_numbers(right):
        message = f"{name}: the two ways differ"
        raise SystemExit(message)


def _round_numbers(value: object) -> object:
    return json.loads(json.dumps(value), parse_float=lambda text: round(float(text), 6))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS)
    counts = parser.parse_args().rows
    print(f"{describe()}\n\n{table(rows(counts))}")


if __name__ == "__main__":
    main()
