"""A function's warm processes: one for each concurrent request, reused until a source changes."""

import asyncio
from collections.abc import Awaitable, Callable

from local.gateway.errors import HandlerRaised, Throttled
from local.gateway.process import FunctionProcess


class Pool:
    """Processes of one function.

    Args:
        start: starts a process from a version of the sources.
        version: returns the state of the sources now.
        limit: the most processes that there may be; further requests wait.
    """

    def __init__(
        self, start: Callable[[object], Awaitable[FunctionProcess]], version: Callable[[], object], limit: int
    ) -> None:
        self._start = start
        self._version = version
        self._open = limit > 0
        self._slots = asyncio.Semaphore(limit)
        self._idle: list[FunctionProcess] = []
        self._all: set[FunctionProcess] = set()
        self._tasks: set[asyncio.Future[bytes]] = set()

    async def invoke(self, payload: bytes) -> bytes:
        """Answer one event, both JSON.

        If the caller is cancelled, a waiting event is dropped, and one that a process works on continues.

        Raises:
            FunctionError: the invocation failed.
            Throttled: the function may have no process, or the pool has been stopped.
        """
        if not self._open:
            raise Throttled
        await self._slots.acquire()
        task = asyncio.create_task(self._run(payload))
        self._tasks.add(task)
        task.add_done_callback(self._release_slot)
        return await asyncio.shield(task)

    async def stop(self) -> None:
        """Kill every process. What they were working on fails."""
        self._open = False
        while self._all or self._tasks:
            await asyncio.gather(*(self._retire(process) for process in list(self._all)))
            if self._tasks:
                # Not gather: if all tasks are done, it would not let the loop run the callbacks that remove them.
                await asyncio.wait(self._tasks)

    def _release_slot(self, task: asyncio.Future[bytes]) -> None:
        self._slots.release()
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # marks it as retrieved, because its caller may be gone

    async def _run(self, payload: bytes) -> bytes:
        process = await self._acquire()
        try:
            await process.wait_until_initialised()
            result = await process.invoke(payload)
        except HandlerRaised:
            self._idle.append(process)
            raise
        except BaseException:
            await self._retire(process)
            raise
        self._idle.append(process)
        return result

    async def _acquire(self) -> FunctionProcess:
        """Return the process that was used last, because it is the warmest, or a new one."""
        if not self._open:
            raise Throttled
        version = self._version()
        await self._drop_stale(version)
        if self._idle:
            return self._idle.pop()
        process = await self._start(version)
        self._all.add(process)
        return process

    async def _drop_stale(self, version: object) -> None:
        stale = [process for process in self._idle if process.version != version or not process.alive]
        if stale:
            self._idle = [process for process in self._idle if process not in stale]
            await asyncio.gather(*(self._retire(process) for process in stale))

    async def _retire(self, process: FunctionProcess) -> None:
        await process.kill()
        self._all.discard(process)
