"""Start a program, wait until it serves, and end it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakSet

import httpx
from postgrest import APIError
from supabase_auth.errors import AuthError

from local.loopback import LOOPBACK
from local.tether import tether_command

START_SECONDS = 120  # for a slow laptop, on which everything else starts too
STOP_SECONDS = 5
POLL_SECONDS = 0.03
LINES_SHOWN = 12
# Nothing else of the developer's environment reaches a service, or it would start differently on every machine.
INHERITED = ("HOME", "LANG", "PATH", "TMPDIR", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")


class ServiceError(Exception):
    """A service did not start. The message names it and its log, and shows the log's end."""

    def __init__(self, name: str, what: str, log: Path) -> None:
        super().__init__(f"{name} {what}. Its log is {log}, and ends with:\n{_tail(log)}")


@dataclass(frozen=True)
class Program:
    """A program to run. Its environment is `environment` and `INHERITED`; what it prints goes to `log`."""

    name: str
    arguments: Sequence[str | Path]
    log: Path
    environment: Mapping[str, str]
    folder: Path
    only_errors: bool = False  # for a program that prints secrets to its standard output
    user: str | None = None  # None for this process's
    stop_signal: signal.Signals = signal.SIGTERM

    @asynccontextmanager
    async def run(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run it for the length of a block, then ask it to end, and kill it if it does not."""
        process = await self.start()
        try:
            yield process
        finally:
            await end(process, self.stop_signal)

    async def run_to_end(self, standard_input: bytes = b"") -> None:
        """Run it to its end.

        Raises:
            ServiceError: it failed.
        """
        process = await self.start(asyncio.subprocess.PIPE)
        try:
            await process.communicate(standard_input)
        finally:
            await end(process)
        if process.returncode:
            raise ServiceError(self.name, f"ended with status {process.returncode}", self.log)

    async def start(self, standard_input: int = asyncio.subprocess.DEVNULL) -> asyncio.subprocess.Process:
        """Start it in a group of its own: Ctrl-C reaches only the stack, which ends its services in order."""
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *tether_command(self.arguments, self.user),
                env={name: os.environ[name] for name in INHERITED if name in os.environ} | dict(self.environment),
                cwd=self.folder,
                stdin=standard_input,
                stdout=asyncio.subprocess.DEVNULL if self.only_errors else log,
                stderr=log,
                start_new_session=True,
            )

    async def wait_ready(self, process: asyncio.subprocess.Process, serves: Callable[[], Awaitable[bool]]) -> None:
        """Wait until it serves.

        Raises:
            ServiceError: it ended, or does not serve within `START_SECONDS`.
        """
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        while not await serves():
            if process.returncode is not None:
                raise ServiceError(self.name, f"ended with status {process.returncode} while starting", self.log)
            if asyncio.get_running_loop().time() > deadline:
                raise ServiceError(self.name, f"did not answer within {START_SECONDS} seconds", self.log)
            await asyncio.sleep(POLL_SECONDS)
        _watches.add(asyncio.create_task(self._report_end(process)))

    async def _report_end(self, process: asyncio.subprocess.Process) -> None:
        status = await process.wait()
        if process not in _asked_to_end:
            advice = f"Stop the stack with Ctrl-C, and start it again. Its log is {self.log}"
            sys.stderr.write(f"\n{self.name} ended with status {status}. {advice}\n")


# A task that nothing refers to can be collected while it waits.
_watches: set[asyncio.Task[None]] = set()
_asked_to_end: WeakSet[asyncio.subprocess.Process] = WeakSet()


async def end(process: asyncio.subprocess.Process, request: signal.Signals = signal.SIGTERM) -> None:
    """End a process and its whole group: ask first, and kill after `STOP_SECONDS`."""
    _asked_to_end.add(process)
    _signal(process, request)
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        pass
    finally:
        _signal(process, signal.SIGKILL)
        await process.wait()


@contextmanager
def report_refusals(name: str, log: Path) -> Iterator[None]:
    """Report a service's refusal of its first content as a failure to start."""
    try:
        yield
    except httpx.HTTPStatusError as error:
        what = f"refused {error.request.url.path} with status {error.response.status_code} while it was being filled"
        raise ServiceError(name, what, log) from error
    except (AuthError, APIError) as error:
        raise ServiceError(name, f"refused what it was being filled with: {error.message}", log) from error
    except httpx.TransportError as error:
        raise ServiceError(name, "stopped answering while it was being filled", log) from error


async def answers(url: str, headers: Mapping[str, str] | None = None) -> bool:
    """Check whether a GET of this URL is answered, with any status below 500."""
    async with httpx.AsyncClient(timeout=2, **LOOPBACK) as client:
        try:
            return (await client.get(url, headers=headers)).status_code < httpx.codes.INTERNAL_SERVER_ERROR
        except httpx.TransportError:
            return False


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"    {line}" for line in lines[-LINES_SHOWN:]) or "    (nothing)"
