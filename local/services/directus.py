"""Directus on PostgreSQL: bootstrapped and filled once, then only started."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from local.accounts import Account
from local.demo import names, voters
from local.process import Program, answers, report_refusals
from local.services import directus_content, search_columns
from local.services.node import COMPILED, DIRECTUS, VERSIONS, node
from local.services.postgres import Database
from local.state import HOST, Seed, State

DEMO = map(Path, (directus_content.__file__, search_columns.__file__, names.__file__, voters.__file__))
SOURCES = [Path(__file__), *DEMO, *search_columns.SOURCES, VERSIONS]
OFF = {
    # The supported switch. Without a licence key Directus ignores it (directus.com/docs, licensing/telemetry): it posts
    # an anonymous usage report when it starts, and goes on quietly where there is no network.
    "TELEMETRY": "false",
    "AI_ENABLED": "false",
    "EMAIL_VERIFY_SETUP": "false",
    "MCP_ENABLED": "false",
    "OPENAPI_ENABLED": "false",
    "PRESSURE_LIMITER_ENABLED": "false",  # it answers 503 when the machine is busy with something else
    "PROJECT_OWNER_ENABLED": "false",
    "RATE_LIMITER_ENABLED": "false",
    "SERVE_APP": "false",
}

# Argon2 takes a quarter of a second of processor time for a login, to slow down whoever guesses passwords. Nobody can
# guess the local ones: they are random, and as long as the hash.
CHEAP_HASHES = {"HASH_MEMORY_COST": "64", "HASH_PARALLELISM": "1", "HASH_TIME_COST": "2"}


@dataclass(frozen=True)
class Directus:
    """A running server, and the accounts that may sign in to it."""

    url: str
    admin: Account
    search: Account


@asynccontextmanager
async def directus(state: State, database: Database, progress: Callable[[str], None]) -> AsyncIterator[Directus]:
    """Run it for the length of a block, with its content. `progress` is called with each long step."""
    url = f"http://{HOST}:{state.port('directus')}"
    server = Directus(url, _account(state, "admin"), _account(state, "search"))
    seed = Seed.of(state.data("directus"), SOURCES, database.server_id, server.admin.password, server.search.password)
    if not seed.is_sown:
        progress("creating the database")
        seed.clear()
        await database.replace()
        await _program(state, server, database, "cli/run.js", "bootstrap").run_to_end()
    program = _program(state, server, database, "start.js")
    async with program.run() as process:
        await program.wait_ready(process, lambda: answers(f"{url}/server/ping"))
        if not seed.is_sown:
            progress("importing voters")
            with report_refusals("Directus", program.log):
                await directus_content.create(url, database, server.admin, server.search)
                await database.execute(search_columns.indexes())
            seed.finish()
        yield server


def _account(state: State, name: str) -> Account:
    return Account(f"{name}@example.org", state.secret(f"directus.{name}"))


def _program(state: State, server: Directus, database: Database, script: str, *arguments: str) -> Program:
    # not the command `directus`, which asks the registry for a newer version before anything else
    folder = state.data("directus")
    command = node(DIRECTUS / script, *arguments)
    return Program("Directus", command, state.log("directus"), _environment(state, server, database, folder), folder)


def _environment(state: State, server: Directus, database: Database, folder: Path) -> Mapping[str, str]:
    for part in ("extensions", "uploads"):
        (folder / part).mkdir(exist_ok=True)
    (folder / "package.json").write_text('{"private": true}')  # without one it logs an error at each start
    return OFF | {
        **CHEAP_HASHES,
        **COMPILED,
        "ADMIN_EMAIL": server.admin.email,
        "ADMIN_PASSWORD": server.admin.password,
        "CONFIG_PATH": str(folder / "none.env"),
        "DB_CLIENT": "pg",
        "DB_CONNECTION_STRING": database.url,
        "EXTENSIONS_PATH": str(folder / "extensions"),
        "HOST": HOST,
        "LOG_LEVEL": "warn",  # the next level logs requests, and so voters' names
        "LOG_STYLE": "raw",
        "NODE_ENV": "production",
        "PACKAGE_FILE_LOCATION": str(folder),
        "PORT": server.url.rpartition(":")[2],
        "PUBLIC_URL": server.url,
        "SECRET": state.secret("directus.secret"),
        "STORAGE_LOCAL_ROOT": str(folder / "uploads"),
        "TEMP_PATH": str(folder / "temp"),
    }
