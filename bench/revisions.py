"""Warm requests of this code beside those of an earlier revision: `python -m bench.revisions <revision>`.

Times from another machine or another day say nothing about a change; two revisions measured in turns do. Both use the
packages of today's layer, so the earlier one must work with them and with today's settings.
"""

import argparse
import asyncio
import io
import shutil
import subprocess
import tarfile
from dataclasses import replace
from typing import Final

from bench import artefacts
from bench.artefacts import Artefacts
from bench.machine import describe
from bench.prepare import write_requests
from bench.routes import ROUTES, Route
from bench.stack import BenchStack, run_stack
from bench.variants import OUTPUT, Variant, variants
from bench.warm import measure_warm_calls
from local.state import ROOT
from tools.artifact import finish

FOLDER: Final = ROOT / "build" / "bench" / "revision"
SOURCES: Final = ("functions", "layers/shared")
HEADINGS: Final = ("| route | today | earlier | ratio |", "| --- | --- | --- | --- |")


def main() -> None:
    """Measure the overheads of the chosen routes, and print them."""
    parser = argparse.ArgumentParser(prog="python -m bench.revisions", description=__doc__)
    parser.add_argument("revision", help="a name that git knows")
    parser.add_argument("--only", default="", help="routes with this in their path")
    parser.add_argument("--calls", type=int, default=5000, help="of each revision")
    given = parser.parse_args()
    try:
        _export(given.revision)
    except subprocess.CalledProcessError:
        parser.error("git cannot export that revision; see above")
    asyncio.run(_measure([route for route in ROUTES if given.only in route.path], given.calls))


async def _measure(routes: list[Route], calls: int) -> None:
    build = artefacts.build()
    async with run_stack() as stack:
        print(f"{describe()}\n", *HEADINGS, sep="\n", flush=True)
        for route in routes:
            print(await asyncio.to_thread(_line, route, stack, build, calls), flush=True)


def _line(route: Route, stack: BenchStack, build: Artefacts, calls: int) -> str:
    """Return a route's line of the table: the median of what the handler adds to its round trips."""
    now = variants(route, stack, build)["ours"]
    programs = {"now": now, "then": _then(now)}
    write_requests(route, stack, programs.values())
    measured = measure_warm_calls(programs, calls)
    now_ms, then_ms = (measured[name].overhead_p50 for name in ("now", "then"))
    return f"| `{route.path}` | {now_ms:.3f} ms | {then_ms:.3f} ms | {now_ms / then_ms:.2f} |"


def _then(now: Variant) -> Variant:
    """Return the program of the earlier revision, whose code comes before today's on the path."""
    own = [FOLDER / source for source in SOURCES]
    return replace(now, folders=[*own, *now.folders], event=OUTPUT / f"then.{now.event.name}")


def _export(revision: str) -> None:
    """Write the revision's sources, stripped and compiled as today's are."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    packed = subprocess.run(["git", "archive", revision, *SOURCES], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout  # noqa: S603, S607 - git
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(FOLDER, filter="data")
    finish(FOLDER, str(FOLDER))


if __name__ == "__main__":
    main()
