"""The REST interface over a private PostgreSQL: Supabase Lite with its driver for a server.

The stack's own runs on PGlite, whose single connection lets nothing happen at once. Here two requests meet in the
database as they do in a Supabase project. What PostgREST does and Lite does not: take `statement_timeout` from a
function's own SET clause.
"""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from local import postgres, tether
from local.services.node import LITE, node
from local.state import HOST, free_port

START_SECONDS = 60
CONFIG = """\
[api]
port = {port}
[db]
driver = "postgres"
url = "postgres://postgres@{host}:{database_port}/{database}"
[auth]
enabled = false
publishable_key = "env(SUPABASE_PUBLISHABLE_KEY)"
secret_key = "env(SUPABASE_SECRET_KEY)"
"""


@dataclass(frozen=True)
class Rest:
    """A running server, and the key of its service role."""

    url: str
    secret_key: str = field(repr=False)


@contextmanager
def serving(server: postgres.Server, database: str) -> Iterator[Rest]:
    """Serve a database of a PostgreSQL that listens on a port, for the length of a block."""
    rest = Rest(f"http://{HOST}:{free_port()}", f"sb_secret_{secrets.token_urlsafe(32)}")
    with tempfile.TemporaryDirectory(prefix="rest-") as folder:
        _configure(Path(folder), rest, server, database)
        process = _start(Path(folder), rest)
        try:
            _wait(rest, process)
            yield rest
        finally:
            process.terminate()
            process.wait(START_SECONDS)


def _configure(folder: Path, rest: Rest, server: postgres.Server, database: str) -> None:
    project = folder / "supabase"
    project.mkdir()
    port = rest.url.rpartition(":")[2]
    text = CONFIG.format(port=port, host=HOST, database_port=server.port, database=database)
    (project / "config.toml").write_text(text)


def _start(folder: Path, rest: Rest) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": os.defpath,
        "LITE_TELEMETRY": "0",
        "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_unused",
        "SUPABASE_SECRET_KEY": rest.secret_key,
    }
    command = node(LITE, "start", "--no-admin", "--host", HOST)
    tethered = [sys.executable, "-I", "-S", tether.__file__, str(os.getpid()), *command]
    # it greets with its secret key
    return subprocess.Popen(tethered, cwd=folder, env=environment, stdout=subprocess.DEVNULL)


def _wait(rest: Rest, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(rest):
        if process.poll() is not None or time.monotonic() > deadline:
            message = "The REST interface did not start"
            raise RuntimeError(message)
        time.sleep(0.05)


def _answers(rest: Rest) -> bool:
    try:
        return httpx.get(f"{rest.url}/rest/v1/", headers={"apikey": rest.secret_key}, timeout=5).status_code > 0
    except httpx.TransportError:
        return False
