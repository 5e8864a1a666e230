"""The REST interface over a private PostgreSQL: Supabase Lite without its sign-in.

What PostgREST does and Lite does not: take `statement_timeout` from a function's own SET clause.
"""

import os
import secrets
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from local.loopback import LOOPBACK
from local.services.node import LITE_READY, lite
from local.state import HOST, free_port
from local.tether import tether_command
from testing import postgres

START_SECONDS = 60
CONFIG = """\
[api]
port = {port}
[db]
driver = "postgres"
url = "env(SUPABASE_DB_URL)"
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
def serve(server: postgres.Server, database: str) -> Iterator[Rest]:
    """Serve a database of a PostgreSQL, for the length of a block."""
    rest = Rest(f"http://{HOST}:{free_port()}", f"sb_secret_{secrets.token_urlsafe(32)}")
    with tempfile.TemporaryDirectory(prefix="rest-") as folder:
        _configure(Path(folder), rest)
        process = _start(Path(folder), rest, server.url(database))
        try:
            _wait(rest, process)
            yield rest
        finally:
            process.terminate()
            process.wait(START_SECONDS)


def _configure(folder: Path, rest: Rest) -> None:
    project = folder / "supabase"
    project.mkdir()
    port = rest.url.rpartition(":")[2]
    (project / "config.toml").write_text(CONFIG.format(port=port))


def _start(folder: Path, rest: Rest, database_url: str) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": os.defpath,
        "LITE_TELEMETRY": "0",
        "SUPABASE_DB_URL": database_url,
        "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_unused",
        "SUPABASE_SECRET_KEY": rest.secret_key,
    }
    command = tether_command(lite("start", "--no-admin", "--host", HOST))
    # it greets with its secret key
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)


def _wait(rest: Rest, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(rest):
        if process.poll() is not None or time.monotonic() > deadline:
            message = "The REST interface did not start"
            raise RuntimeError(message)
        time.sleep(0.05)


def _answers(rest: Rest) -> bool:
    try:
        return httpx.get(rest.url + LITE_READY, headers={"apikey": rest.secret_key}, timeout=5, **LOOPBACK).is_success
    except httpx.TransportError:
        return False
