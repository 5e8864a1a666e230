"""`python -m local.install`: install the packages from npm, with the Node of the Python wheel.

It needs only the registry. Nothing is compiled, and no script of a package runs: `overrides` in `package.json` replace
what would be compiled, and what serves other databases, clouds and build steps, with an empty package.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from time import monotonic

from rich.console import Console

from local.services.node import NODE, PACKAGES

NPM = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
LOG = PACKAGES / "install.log"
STAMP = PACKAGES / "node_modules" / ".ready"
REPORT_SECONDS = 15
LINES_SHOWN = 30


def main() -> int:
    """Install what the lock file names.

    Returns:
        1 if that fails, 0 if not.
    """
    console, began = Console(highlight=False, soft_wrap=True), monotonic()
    console.print(f"Installing Directus and Supabase Lite from npm: about a minute (log: {LOG})", markup=False)
    with LOG.open("wb") as log, console.status("Downloading"):
        npm = subprocess.Popen(
            [NODE, NPM, "ci", "--no-progress"], cwd=PACKAGES, env=_environment(), stdout=log, stderr=log
        )
        while not _has_ended(npm):
            if not console.is_terminal:
                console.print(f"  still installing after {monotonic() - began:.0f} s")
    if npm.returncode:
        console.print("\n".join(LOG.read_text(errors="replace").splitlines()[-LINES_SHOWN:]), markup=False)
        console.print("The installation failed. It needs the npm registry and 500 MB of disk: run `make dev` again.")
        return 1
    STAMP.touch()
    return 0


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(REPORT_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def _environment() -> Mapping[str, str]:
    return {
        **os.environ,
        "PATH": os.pathsep.join([str(NODE.parent), os.environ["PATH"]]),
    }


if __name__ == "__main__":
    sys.exit(main())
