"""A private PostgreSQL server on a port of its own, with databases as Supabase projects have them."""

import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from local.services.postgres import CURRENT, ENVIRONMENT, SUPERUSER, USER, initialise, serve
from local.services.supabase import MIGRATIONS
from local.state import HOST, free_port
from local.tether import tether_command

START_SECONDS = 60

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
    """A running server."""

    port: int
    password: str = field(repr=False)

    def url(self, database: str = "postgres") -> str:
        """Return the URL of one of its databases, with the superuser's password."""
        return f"postgresql://{SUPERUSER}:{self.password}@{HOST}:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Connect as the superuser. Each statement is committed."""
        return psycopg.connect(self.url(database), autocommit=True, connect_timeout=5)

    def create_database(self, name: str, template: str = "template1") -> None:
        """Create a database as a copy of another one, to which nobody may be connected."""
        with self.connect() as connection:
            connection.execute(f'create database "{name}" template "{template}"')

    def create_project(self, name: str) -> None:
        """Create a database as a Supabase project has it, and apply this project's migrations."""
        self.create_database(name)
        with self.connect(name) as connection:
            connection.execute(SUPABASE)
            for migration in sorted(MIGRATIONS.glob("*.sql")):
                connection.execute(migration.read_bytes())


@contextmanager
def server(version: int = CURRENT, settings: Sequence[str] = (), port: int | None = None) -> Iterator[Server]:
    """Run a server for the length of a block.

    Args:
        version: one of the two that the wheel holds; the local stack runs 18.
        settings: further settings, each as `name=value`.
        port: to listen on; None for a free one.
    """
    folder, running = Path(tempfile.mkdtemp(prefix="postgres-")), Server(port or free_port(), secrets.token_urlsafe(32))
    try:
        cluster = _make_cluster(folder, version, running.password)
        with (folder / "log").open("wb") as log:
            command = tether_command(serve(cluster, running.port, settings, version), USER)
            process = subprocess.Popen(command, env=ENVIRONMENT, stdout=log, stderr=log)
        try:
            _wait(running, process, folder / "log")
            yield running
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nobody needs what it has not written yet
            process.wait(START_SECONDS)
    finally:
        shutil.rmtree(folder)


def _make_cluster(folder: Path, version: int, password: str) -> Path:
    cluster = folder / "cluster"
    cluster.mkdir(mode=0o700)
    if USER:
        shutil.chown(cluster, USER)
    command = tether_command(initialise(cluster, version), USER)
    subprocess.run(
        command,
        check=True,
        env=ENVIRONMENT,
        input=password.encode(),
        stdout=subprocess.DEVNULL,
        timeout=START_SECONDS,
    )
    return cluster


def _wait(running: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            running.connect().close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                message = f"PostgreSQL did not start:\n{log.read_text(errors='replace')}"
                raise RuntimeError(message) from None
            time.sleep(0.02)
        else:
            return
