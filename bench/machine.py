"""What the figures were taken on."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from local.state import ROOT


def describe() -> str:
    """The machine, the program and the moment, in one sentence."""
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"CPython {platform.python_version()}; revision {_revision()}; {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; "
        f"load of the machine before it began {os.getloadavg()[0]:.1f}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _revision() -> str:
    """Return the commit, with `-dirty` if files differ that the benchmark does not write itself."""
    commit = _git("rev-parse", "--short", "HEAD") or "unknown"
    return f"{commit}-dirty" if _git("status", "--porcelain", "--", ":!docs/benchmarks.*") else commit


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603, S607 - git
    return done.stdout.strip()
