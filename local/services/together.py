"""Every service at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic

from local.services.aws import Aws, aws
from local.services.directus import Directus, directus
from local.services.supabase import Supabase, supabase
from local.services.valkey import Valkey, valkey
from local.state import State

type Progress = Callable[[str, str], None]


@dataclass(frozen=True)
class Services:
    """What runs behind the functions."""

    valkey: Valkey
    directus: Directus
    supabase: Supabase
    aws: Aws


@asynccontextmanager
async def services(state: State, template: Path, progress: Progress) -> AsyncIterator[Services]:
    """Run them all for the length of a block, with the queues of `template`; `progress` hears of each by its name.

    Raises:
        ExceptionGroup: of a `ServiceError` of each that did not start; the others have been ended by then.
    """
    async with AsyncExitStack() as running:
        async with asyncio.TaskGroup() as group:
            start = partial(_start, running, group, progress)
            first = start("Valkey", valkey(state.port("valkey"), state.data("valkey"), state.log("valkey")))
            second = start("Directus", directus(state, partial(progress, "Directus")))
            third = start("Supabase", supabase(state, partial(progress, "Supabase")))
            fourth = start("AWS", aws(state, template))
        yield Services(first.result(), second.result(), third.result(), fourth.result())


def _start[T](
    running: AsyncExitStack,
    group: asyncio.TaskGroup,
    progress: Progress,
    name: str,
    service: AbstractAsyncContextManager[T],
) -> asyncio.Task[T]:
    async def enter() -> T:
        began = monotonic()
        entered = await running.enter_async_context(service)
        progress(name, f"ready after {monotonic() - began:.1f} s")
        return entered

    return group.create_task(enter())
