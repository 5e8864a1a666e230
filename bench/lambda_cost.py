"""What a route costs on Lambda, by memory: `python -m bench.lambda_cost` prints the table of docs/performance.md.

A function gets processor in proportion to its memory, one whole at 1,769 MB. So a time of the processor is measured on
this machine and divided by that share; what a call waits for its upstreams is added as it is.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
"""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bench import artefacts
from bench.artefacts import Artefacts
from bench.children import check_answer, run_child
from bench.deployed import deployment_of
from bench.machine import describe
from bench.prepare import prepare
from bench.routes import ROUTES, Route
from bench.scale.costs import LAMBDA_GB_SECOND_ARM, LAMBDA_MILLION, job_table
from bench.scale.functions import MB_IN_GB, MONTH_SECONDS, WHOLE_PROCESSOR_MB
from bench.stack import BenchStack, run_stack
from bench.variants import Variant, variants

MEMORIES: Final = (256, 512, 1024, 1769)
# us-east-1, arm64, without the free tier: https://aws.amazon.com/lambda/pricing/, 2026-11-26
SNAPSHOT_GB_SECOND: Final = 0.0000015046
RESTORED_GB: Final = 0.0001397998
# Of a campaign's calls: an execution environment lives for minutes, and evenings and mornings start new ones.
COLD_SHARE: Final = 0.01


@dataclass(frozen=True)
class Measured:
    """Milliseconds of the processor to the first answer and for a warm call, and what that call waits besides."""

    cold: float
    warm: float
    wait: float


@dataclass(frozen=True)
class Cost:
    """One memory's: milliseconds of a call, and dollars for a million calls."""

    cold_ms: float
    warm_ms: float
    million: float


def cost(measured: Measured, memory_mb: int) -> Cost:
    """What a million calls cost with so much memory. Lambda bills starts too, and each call by the millisecond."""
    share = min(1.0, memory_mb / WHOLE_PROCESSOR_MB)
    cold, warm = measured.cold / share + measured.wait, measured.warm / share + measured.wait
    seconds = (COLD_SHARE * cold + (1 - COLD_SHARE) * max(warm, 1)) * 1000
    return Cost(cold, warm, seconds * memory_mb / MB_IN_GB * LAMBDA_GB_SECOND_ARM + LAMBDA_MILLION)


def snapshot_cost(memory_mb: int, starts: int) -> float:
    """Dollars a month for one version that is kept as a snapshot and restored so often."""
    return memory_mb / MB_IN_GB * (MONTH_SECONDS * SNAPSHOT_GB_SECOND + starts * RESTORED_GB)


def lines(route: Route, measured: Measured) -> Iterator[str]:
    """A route's lines of the table."""
    for memory in MEMORIES:
        each = cost(measured, memory)
        snapshot = snapshot_cost(memory, int(1_000_000 * COLD_SHARE))
        yield (
            f"| `{route.path}` | {memory:,} MB | {each.cold_ms:,.0f} ms | {each.warm_ms:.1f} ms "
            f"| ${each.million:.2f} | ${snapshot:.2f} |"
        )


def measure(variant: Variant) -> Measured:
    """Start it once more and have it answer.

    Raises:
        BenchError: it does not answer.
    """
    with run_child(variant, "processor") as child:
        line = child.line()
    check_answer(line["answer"])
    return Measured(line["cold"], line["warm"], line["wait"])


def _print(route: Route, stack: BenchStack, build: Artefacts) -> None:
    programs = variants(route, stack, build)
    prepare(route, stack, programs)
    with deployment_of(route, stack, build, programs) as deployment:
        best = min((measure(deployment.starts(bytecode=True)["ours"]) for _ in range(5)), key=lambda each: each.cold)
    print(*lines(route, best), sep="\n", flush=True)


async def _main(only: str) -> None:
    build = artefacts.build()
    async with run_stack() as stack:
        print(f"{describe()}\n\n| route | memory | cold | warm | a million calls, 1 % cold | SnapStart, a month |")
        print("| --- | --- | --- | --- | --- | --- |")
        for route in ROUTES:
            if only in route.path:
                await asyncio.to_thread(_print, route, stack, build)
    print(f"\n{job_table()}")


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1] if len(sys.argv) > 1 else ""))
