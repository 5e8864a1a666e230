"""One process of a function: the handler under `awslambdaric`, Lambda's own runtime."""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, STDOUT, Process, create_subprocess_exec
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from local.gateway.config import Code, GatewayConfig
from local.gateway.environment import function_environment
from local.gateway.errors import InitFailed, TimedOut
from local.gateway.logs import pump
from local.gateway.runtime import RuntimeApi
from local.gateway.template import Function
from local.tether import tether_command

INIT_LIMIT: Final = 10.0
"""Seconds that Lambda gives an on-demand function to initialise."""

_DRAIN = 1.0  # a grandchild may hold the output open after its parent is gone


@dataclass(frozen=True)
class Launch:
    """What a function's processes are started from. `write` takes each line of their output."""

    function: Function
    code: Code
    config: GatewayConfig
    write: Callable[[str], None]


class FunctionProcess:
    """A process with its Runtime API. `version` is the state of the sources that it was started from."""

    def __init__(self, launch: Launch, api: RuntimeApi, process: Process, output: int, version: object) -> None:
        self._launch = launch
        self._api = api
        self._process = process
        self.version = version
        self._end = asyncio.create_task(self._watch(output))

    @classmethod
    async def start(cls, launch: Launch, version: object) -> Self:
        """Start a process. It is still initialising when this returns.

        Raises:
            InitFailed: the interpreter or the code's folder is missing.
        """
        api = RuntimeApi(launch.function, launch.config.region)
        await api.listen()
        try:
            return cls(launch, api, *await _spawn(launch, api.address), version)
        except OSError as error:
            await api.close()
            launch.write(f"The process cannot be started: {error.strerror}")
            raise InitFailed(launch.function.name) from error

    @property
    def alive(self) -> bool:
        """True while the process runs."""
        return self._process.returncode is None

    async def wait_until_initialised(self) -> None:
        """Wait until the handler has been imported.

        Raises:
            InitFailed: the import failed or took too long.
        """
        try:
            async with asyncio.timeout(INIT_LIMIT):
                await self._api.wait_ready()
        except TimeoutError:
            self._launch.write(f"INIT timed out after {INIT_LIMIT:.2f} seconds")
            raise InitFailed(self._launch.function.name) from None

    async def invoke(self, payload: bytes) -> bytes:
        """Have the handler answer an event within the function's timeout. Event and result are JSON.

        Raises:
            FunctionError: the invocation failed.
        """
        timeout = self._launch.function.timeout
        try:
            async with asyncio.timeout(timeout):
                return await self._api.invoke(payload)
        except TimeoutError:
            self._launch.write(f"Task timed out after {timeout:.2f} seconds")
            raise TimedOut(self._launch.function.name) from None

    async def kill(self) -> None:
        """Kill the process and its children, and wait until its last output has been written."""
        if self.alive:
            self._kill_group()
        await asyncio.shield(self._end)

    async def _watch(self, output: int) -> None:
        pumping = asyncio.create_task(pump(output, self._launch.write))
        await self._process.wait()
        self._kill_group()
        self._api.fail_pending()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(pumping, _DRAIN)
        await self._api.close()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


async def _spawn(launch: Launch, address: str) -> tuple[Process, int]:
    """Start the process.

    The pipe is our own: with asyncio's, `wait()` would last until it is closed, which a grandchild may never do.

    Returns:
        the process, and the end of a pipe to read its output from.
    """
    read, write = os.pipe()
    try:
        return await _execute(launch, address, write), read
    except BaseException:
        os.close(read)
        raise
    finally:
        os.close(write)


async def _execute(launch: Launch, address: str, output: int) -> Process:
    command = [*launch.config.interpreter, "-m", "awslambdaric", launch.function.handler]
    return await create_subprocess_exec(
        *tether_command(command),
        env=function_environment(launch.function, launch.code, launch.config, address),
        cwd=launch.code.root,
        stdin=DEVNULL,
        stdout=output,
        stderr=STDOUT,
        start_new_session=True,  # Ctrl-C is the gateway's, and a kill reaches the function's own children
    )
