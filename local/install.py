"""`python -m local.install`: the packages from npm, with the Node of the Python wheel and nothing but the registry.

Three minutes on two cores: Directus's native modules are compiled, as their builds are published outside the registry.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import monotonic

from rich.console import Console

from local.services.node import NODE, PACKAGES

NPM = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
LOG = PACKAGES / "install.log"
STAMP = PACKAGES / "node_modules" / ".ready"
REPORT_SECONDS = 15
LINES_SHOWN = 30


def main() -> int:
    """Install what the lock file names; 1 when that fails."""
    console, began = Console(highlight=False, soft_wrap=True), monotonic()
    console.print(f"Installing Directus and Supabase Lite from npm: about three minutes (log: {LOG})", markup=False)
    with LOG.open("wb") as log, console.status("Downloading and compiling"):
        npm = subprocess.Popen(
            [NODE, NPM, "ci", "--no-progress"], cwd=PACKAGES, env=_environment(), stdout=log, stderr=log
        )
        while not _ended(npm):
            if not console.is_terminal:
                console.print(f"  still installing after {monotonic() - began:.0f} s")
    if npm.returncode:
        console.print("\n".join(LOG.read_text(errors="replace").splitlines()[-LINES_SHOWN:]), markup=False)
        console.print("The installation failed. It needs a C++ compiler, make, and the npm registry.")
        return 1
    STAMP.touch()
    return 0


def _ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(REPORT_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def _environment() -> Mapping[str, str]:
    return {
        **os.environ,
        "PATH": os.pathsep.join([str(NODE.parent), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "BT_SKIP_DOWNLOAD": "1",  # a command line tool that one of the packages would fetch
        "JOBS": "max",
        "npm_config_build_from_source": "true",  # or prebuilt modules would be fetched from GitHub
        "npm_config_nodedir": str(NODE.parents[1]),  # or Node's headers from nodejs.org
        "npm_config_python": sys.executable,
    }


if __name__ == "__main__":
    sys.exit(main())
