"""One script with the chart libraries and the client's own functions, as a bundler makes it for an application."""

import subprocess
from functools import cache
from pathlib import Path

from local.state import ROOT

FOLDER = Path(__file__).parent
CLIENT = ROOT / "clients" / "typescript"
ESBUILD = CLIENT / "node_modules" / ".bin" / "esbuild"


@cache
def bundle(entry: Path) -> str:
    """Bundle `entry` and all that it imports into one script."""
    command: list[str | Path] = [
        ESBUILD,
        entry,
        "--bundle",
        "--format=iife",
        "--jsx=automatic",
        "--log-level=error",
        "--define:process.env.NODE_ENV='production'",
    ]
    built: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603 - a bundler, on our own source
        command, env={"NODE_PATH": str(CLIENT / "node_modules")}, check=True, capture_output=True, text=True
    )
    return built.stdout
