"""The gateway's pool of processes, where a real process cannot be made to end at the one moment that matters."""

import asyncio
import threading

import pytest

from local.gateway.errors import FunctionError
from local.gateway.pool import Pool

LIMIT = 10  # seconds


class Process:
    """Works until it is killed. Its work fails one pass of the loop after `kill` returns."""

    version = None
    alive = True

    def __init__(self) -> None:
        self.busy = asyncio.Event()
        self._answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def wait_until_initialised(self) -> None:
        pass

    async def invoke(self, _payload: bytes) -> bytes:
        self.busy.set()
        return await self._answer

    async def kill(self) -> None:
        asyncio.get_running_loop().call_soon(self._fail)

    def _fail(self) -> None:
        if not self._answer.done():
            self._answer.set_exception(FunctionError("killed"))


async def stop_while_busy() -> None:
    process = Process()

    async def start(_version: object) -> Process:
        return process

    pool = Pool(start, version=lambda: None, limit=1)  # type: ignore[arg-type]  # what a pool asks of a process
    invocation = asyncio.create_task(pool.invoke(b"{}"))
    await process.busy.wait()

    await pool.stop()

    with pytest.raises(FunctionError, match="killed"):
        await invocation


def test_a_stop_ends_when_work_ends_in_the_same_moment() -> None:
    # In a thread that does not keep pytest alive: a loop that spins cannot be interrupted from inside.
    thread = threading.Thread(target=lambda: asyncio.run(stop_while_busy()), daemon=True)
    thread.start()
    thread.join(LIMIT)

    assert not thread.is_alive()
