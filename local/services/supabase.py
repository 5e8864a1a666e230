"""Supabase Lite on PostgreSQL: migrated while it is down, filled through its own API, then only started."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from local.accounts import Account
from local.demo import campaign, charts, names, signatures, voters
from local.process import Program, answers, report_refusals
from local.services import supabase_content
from local.services.node import COMPILED, LITE_READY, VERSIONS, lite
from local.services.postgres import Database
from local.services.supabase_content import User
from local.state import HOST, ROOT, Seed, State

MIGRATIONS = ROOT / "supabase" / "migrations"
DEMO = map(Path, (campaign.__file__, charts.__file__, names.__file__, signatures.__file__, voters.__file__))
SOURCES = [Path(__file__), Path(supabase_content.__file__), *DEMO, VERSIONS]
USERS = ("organizer", "viewer")
# Secrets come from the environment, so that the file holds none.
CONFIG = """\
[api]
port = {port}
[db]
driver = "postgres"
url = "env(SUPABASE_DB_URL)"
[auth]
enabled = true
enable_signup = true
jwt_expiry = 3600
jwt_secret = "env(SUPABASE_JWT_SECRET)"
publishable_key = "env(SUPABASE_PUBLISHABLE_KEY)"
secret_key = "env(SUPABASE_SECRET_KEY)"
[auth.email]
enable_confirmations = false
"""


@dataclass(frozen=True)
class Keys:
    """The keys with which callers and functions authenticate."""

    publishable: str
    secret: str = field(repr=False)
    jwt_secret: str = field(repr=False)

    @classmethod
    def of(cls, state: State) -> "Keys":
        """Return the keys that this stack keeps."""
        publishable, secret = (f"sb_{kind}_{state.secret(f'supabase.{kind}')}" for kind in ("publishable", "secret"))
        return cls(publishable, secret, state.secret("supabase.jwt"))


@dataclass(frozen=True)
class Supabase:
    """A running server, its keys, and its users by name."""

    url: str
    keys: Keys
    users: Mapping[str, User]


@asynccontextmanager
async def supabase(state: State, database: Database, progress: Callable[[str], None]) -> AsyncIterator[Supabase]:
    """Run it for the length of a block, with its content. `progress` is called with each long step."""
    port, keys, people = state.port("supabase"), Keys.of(state), _accounts(state)
    url = f"http://{HOST}:{port}"
    seed = _seed(state, database, keys, people)
    _configure(seed.folder, port)
    if not seed.is_sown:
        await _create(state, database, keys, progress)
    program = _program(state, database, keys, "start", "--no-admin", "--host", HOST)
    async with program.run() as process:
        await program.wait_ready(process, lambda: answers(f"{url}{LITE_READY}", {"apikey": keys.secret}))
        with report_refusals("Supabase Lite", program.log):
            if not seed.is_sown:
                progress("adding users")
                await asyncio.to_thread(supabase_content.create, url, keys.secret, people)
                seed.finish()
            users = await asyncio.to_thread(supabase_content.users, url, keys.publishable, people)
        yield Supabase(url, keys, users)


async def _create(state: State, database: Database, keys: Keys, progress: Callable[[str], None]) -> None:
    progress("creating the database")
    await database.replace()
    await _program(state, database, keys, "migration", "up").run_to_end()
    progress("adding signatures and charts")
    await database.execute(supabase_content.script(datetime.now(UTC).date()))


def _accounts(state: State) -> dict[str, Account]:
    return {name: Account(f"{name}@example.org", state.secret(f"supabase.{name}")) for name in USERS}


def _seed(state: State, database: Database, keys: Keys, people: Mapping[str, Account]) -> Seed:
    sources = [*SOURCES, *MIGRATIONS.glob("*.sql")]
    passwords = (each.password for each in people.values())
    return Seed.of(state.data("supabase"), sources, database.server_id, keys.jwt_secret, *passwords)


def _configure(folder: Path, port: int) -> None:
    project = folder / "supabase"
    project.mkdir(exist_ok=True)
    (project / "config.toml").write_text(CONFIG.format(port=port))
    if not (project / "migrations").is_symlink():
        (project / "migrations").symlink_to(MIGRATIONS)


def _program(state: State, database: Database, keys: Keys, *arguments: str) -> Program:
    environment = {
        **COMPILED,
        "LITE_TELEMETRY": "0",
        "SUPABASE_DB_URL": database.url,
        "SUPABASE_JWT_SECRET": keys.jwt_secret,
        "SUPABASE_PUBLISHABLE_KEY": keys.publishable,
        "SUPABASE_SECRET_KEY": keys.secret,
    }
    command, log = lite(*arguments), state.log("supabase")
    # it greets with its secret key
    return Program("Supabase Lite", command, log, environment, state.data("supabase"), only_errors="start" in arguments)
