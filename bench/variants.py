"""The programs that a route is measured as: ours, the floor, and the peer; and how a process of each is started."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from bench.artefacts import Artefacts
from bench.routes import Route
from bench.stack import BenchStack
from local.gateway.template import load
from local.state import ROOT

type Name = Literal["ours", "floor", "peer"]
NAMES: Final[tuple[Name, ...]] = ("ours", "floor", "peer")
# Those that answer a request; the floor only makes the round trips.
COMPARED: Final[tuple[Name, ...]] = ("ours", "peer")
OUTPUT: Final = ROOT / "build" / "bench" / "run"


@dataclass(frozen=True)
class Variant:
    """One program for one route.

    Attributes:
        name: whose it is.
        handler: module and function.
        folders: what it may import.
        environment: all that its process finds there.
        event: the file of the request that is measured.
    """

    name: Name
    handler: str
    python: Path
    folders: Sequence[Path]
    environment: Mapping[str, str]
    event: Path

    def child(self, script: str, answers: int) -> subprocess.Popen[bytes]:
        """A process of this program, run by a script of `bench/inside`; its log goes to a file."""
        # Not by -m, which would import runpy first.
        start = f"import sys; from inside.{script} import main; main(*sys.argv[1:])"
        with (OUTPUT / f"{self.name}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - this project's own programs
                [self.python, "-c", start, self.handler, self.event, str(answers)],
                env=self.whole_environment(),
                cwd=OUTPUT,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=(answers,),
            )

    def whole_environment(self, folders: Sequence[Path] = ()) -> dict[str, str]:
        """The environment with what must be found for these folders too."""
        path = os.pathsep.join(str(folder) for folder in (*self.folders, *folders))
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "TZ": ":UTC",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": path,
            **self.environment,
        }


def variants(route: Route, stack: BenchStack, build: Artefacts) -> dict[Name, Variant]:
    """The three programs of a route; their requests are still to be written."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    slug = route.handler.rpartition(".")[0]
    return {
        "ours": Variant(
            name="ours",
            handler=route.handler,
            python=build.python,
            folders=(build.functions / route.handler.partition(".")[0], build.layer, build.inside),
            environment={**_template_environment(route), **stack.environment, "BENCH_CLIENTS": str(build.floors)},
            event=OUTPUT / f"{slug}.ours.json",
        ),
        "floor": Variant(
            name="floor",
            handler=f"floors.{route.floor}.handler",
            python=build.python,
            folders=(build.floors, build.layer, build.inside),
            environment={**stack.environment, "BENCH_TRIPS": str(OUTPUT / f"{slug}.trips.json")},
            event=OUTPUT / f"{slug}.ours.json",
        ),
        "peer": Variant(
            name="peer",
            handler=f"peers.{route.peer}.handler",
            python=build.python,
            folders=(build.peer, build.inside),
            environment=stack.environment,
            event=OUTPUT / f"{slug}.peer.json",
        ),
    }


def _template_environment(route: Route) -> dict[str, str]:
    functions = load(ROOT / "template.yaml").functions.values()
    return dict(next(function.environment for function in functions if function.handler == route.handler))
