"""Measure a newcomer's first `make dev`: `python3 tools/first_start.py`, with any Python.

A fresh clone, an empty home, empty caches of uv, pip and npm, and a PATH without compilers. The limits are for two
quiet cores; the load is printed beside what was measured.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMPILER = re.compile(r"(.*-)?(cc|c\+\+|gcc|g\+\+|clang|clang\+\+|cpp|ld|ld\..*|as|tcc|icc)(-[\d.]+)?")
LIMITS = {"first": 90, "second": 8}  # seconds
GIVE_UP_SECONDS = 900
# A mirror of a registry belongs to the machine and is not a cache. The caller's other settings could speed a start up.
CONFIGURATION = ("PIP_CONFIG_FILE", "PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "npm_config_registry")
CERTIFICATES = ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE")


def main() -> int:
    """Print how long both starts took.

    Returns:
        1 if one took longer than its limit, 0 if not.
    """
    with tempfile.TemporaryDirectory(prefix="first-start-") as folder:
        clone, environment = Path(folder, "clone"), _environment(Path(folder))
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)  # noqa: S603, S607 - the machine's git
        taken = {name: _start(clone, environment) for name in LIMITS}
    for name, seconds in taken.items():
        sys.stdout.write(f"{name} start: {seconds:.1f} s (at most {LIMITS[name]} s on two quiet cores)\n")
    sys.stdout.write(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    return int(any(seconds > LIMITS[name] for name, seconds in taken.items()))


def _environment(folder: Path) -> Mapping[str, str]:
    home, programs = folder / "home", folder / "bin"
    home.mkdir()
    programs.mkdir()
    for directory in os.get_exec_path():
        for program in Path(directory).glob("*"):
            link = programs / program.name
            if not COMPILER.fullmatch(program.name) and not link.is_symlink() and os.access(program, os.X_OK):
                link.symlink_to(program)
    kept = {name: os.environ[name] for name in (*CONFIGURATION, *CERTIFICATES) if name in os.environ}
    return {**kept, "HOME": str(home), "PATH": str(programs), "LANG": "C.UTF-8"}


def _start(clone: Path, environment: Mapping[str, str]) -> float:
    """Return the seconds from `make dev` to the API's first answer, and end the stack."""
    began, port = time.monotonic(), _free_port()
    with (clone / "printed.txt").open("wb") as printed:
        process = subprocess.Popen(  # noqa: S603 - the machine's make
            ["make", "dev", f"PORT={port}"],  # noqa: S607 - see above
            cwd=clone,
            env=dict(environment),
            stdout=printed,
            stderr=printed,
            start_new_session=True,
        )
    try:
        _wait(process, clone, port)
        return time.monotonic() - began
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


def _wait(process: "subprocess.Popen[bytes]", clone: Path, port: int) -> None:
    stack, deadline = clone / ".local" / "stack.json", time.monotonic() + GIVE_UP_SECONDS
    while not stack.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"`make dev` did not start:\n{(clone / 'printed.txt').read_text(errors='replace')}")
        time.sleep(0.05)
    socket.create_connection(("127.0.0.1", port)).close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
