"""`python -m bench`: measure everything side by side, print one table and write it to docs/benchmarks.md.

What belongs together is measured together and in turns: a route with its floor and its peer, a chart with its statement
by hand. These sections are kept as they are measured, and can be measured anew one by one.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench import artefacts, chart_schedule, charts, costly_searches, search_quality, search_speed, signers
from bench.artefacts import Artefacts
from bench.children import BenchError
from bench.cold import measure_cold_starts
from bench.deployed import deployed_rows
from bench.emulator import measure_emulated
from bench.prepare import prepare
from bench.report import Report, Row
from bench.routes import ROUTES, Route
from bench.rows import cold_row, emulated_rows, layer_rows, warm_rows
from bench.stack import BenchStack, run_stack
from bench.variants import COMPARED, variants
from bench.warm import measure_warm_calls


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        rounds: cold starts of each program.
        calls: warm calls of each program.
        starts: under Lambda's runtime.
        emulated_calls: after each of those starts.
        signatures: that a chart is generated over.
        charts: that are due at once.
        voters: on the lists whose searches are timed.
        searches: in each list whose quality is measured.
        signers: of the campaign whose set is built.
    """

    rounds: int
    calls: int
    starts: int
    emulated_calls: int
    signatures: Sequence[int]
    charts: int
    voters: Sequence[int]
    searches: int
    signers: int


FULL = Plan(
    rounds=21,
    calls=5000,
    starts=7,
    emulated_calls=200,
    signatures=charts.ROWS,
    charts=chart_schedule.CHARTS,
    voters=[*search_speed.SIZES],
    searches=search_quality.SEARCHES,
    signers=signers.SIGNATURES,
)
QUICK = Plan(
    rounds=5,
    calls=250,
    starts=3,
    emulated_calls=20,
    signatures=(10_000, 200_000),
    charts=1000,
    voters=(5_000,),
    searches=200,
    signers=100_000,
)


def main() -> int:
    """Measure and report; 1 when a program does not do what it should."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds, and only print")
    parser.add_argument(
        "--only",
        default="",
        help="sections with this in their name: a route, charts, schedule, signers, search quality, search speed, "
        "costly searches",
    )
    parser.add_argument(
        "--seed", type=int, default=search_quality.SEED, help="of the lists that are searched for quality"
    )
    given = parser.parse_args()
    report = Report(is_kept=not given.quick)
    try:
        asyncio.run(_run(QUICK if given.quick else FULL, given.only, given.seed, report))
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        print(report.text())
    return 0


async def _run(plan: Plan, only: str, seed: int, report: Report) -> None:
    """Section by section, each kept as soon as it is measured."""
    routes = [route for route in ROUTES if only in route.path]
    if routes:
        build = artefacts.build()
        report.add("layer", layer_rows(artefacts.size_of(build.layer)))
        async with run_stack() as stack:
            for route in routes:
                await asyncio.to_thread(report.add, route.path, _measure_route(route, plan, stack, build))
    if only in "costly searches":
        async with run_stack() as stack:
            report.add("costly searches", await costly_searches.rows(stack))
    if only in "charts":
        await asyncio.to_thread(report.add, "charts", charts.rows(plan.signatures))
    if only in "schedule":
        await asyncio.to_thread(report.add, "schedule", chart_schedule.rows(plan.charts))
    if only in "signers":
        await asyncio.to_thread(report.add, "signers", signers.rows(plan.signers))
    if only in "search quality":
        await asyncio.to_thread(report.add, "search quality", search_quality.rows(seed, plan.searches))
    if only in "search speed":
        report.add("search speed", await search_speed.rows(plan.voters))


def _measure_route(route: Route, plan: Plan, stack: BenchStack, build: Artefacts) -> Iterator[Row]:
    print(f"Measuring {route.path}", file=sys.stderr)
    programs = variants(route, stack, build)
    prepare(route, stack, programs)
    yield cold_row(route, measure_cold_starts(programs, plan.rounds))
    yield from deployed_rows(route, stack, build, programs, plan.rounds)
    yield from emulated_rows(route, measure_emulated(programs, build.runtime, plan.starts, plan.emulated_calls))
    compared = {name: programs[name] for name in COMPARED}
    yield from warm_rows(route, measure_warm_calls(compared, plan.calls))


if __name__ == "__main__":
    sys.exit(main())
