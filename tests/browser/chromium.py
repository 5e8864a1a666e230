"""A real Chromium, from npm, and Playwright to drive it. Neither needs root or a download outside the registries."""

import fcntl
import os
import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from local.services.node import node

FOLDER = Path(__file__).parent
UNPACKED = FOLDER / "node_modules" / ".chromium"


@contextmanager
def run_chromium() -> Iterator[Browser]:
    """A headless browser. Each context may have a time zone and a language of its own."""
    with sync_playwright() as playwright:
        if platform.system() == "Linux" and platform.machine() == "x86_64":
            program = _unpack()
            browser = playwright.chromium.launch(
                executable_path=program, args=["--no-sandbox", "--font-render-hinting=none"], env=_environment(program)
            )
        else:
            browser = playwright.chromium.launch(channel="chrome")  # the package is made for Lambda's machines
        with browser:
            yield browser


def _unpack() -> Path:
    """Unpack the program, one process at a time: the package would take a half-written file for a whole one."""
    UNPACKED.mkdir(exist_ok=True)
    with (UNPACKED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        unpacking = subprocess.run(  # noqa: S603 - our own script
            node(FOLDER / "chromium.js"),
            env={**os.environ, "TMPDIR": str(UNPACKED)},
            cwd=FOLDER,
            check=True,
            capture_output=True,
            text=True,
        )
    return Path(unpacking.stdout.strip())


def _environment(program: Path) -> dict[str, str | float | bool]:
    """The package's own libraries where the machine lacks some."""
    linked = subprocess.run(["/usr/bin/ldd", program], check=True, capture_output=True, text=True)  # noqa: S603
    libraries = {"LD_LIBRARY_PATH": str(UNPACKED / "al2023" / "lib")} if "not found" in linked.stdout else {}
    return {**os.environ, **libraries}
