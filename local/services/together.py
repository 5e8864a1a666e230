"""All services together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic

from local.services.aws import Aws, aws
from local.services.directus import Directus, directus
from local.services.postgres import Postgres, postgres
from local.services.supabase import Supabase, supabase
from local.services.valkey import Valkey, valkey
from local.state import State

type Progress = Callable[[str, str], None]


@dataclass(frozen=True)
class Services:
    """What runs behind the functions."""

    valkey: Valkey
    postgres: Postgres
    directus: Directus
    supabase: Supabase
    aws: Aws


@asynccontextmanager
async def services(state: State, template: Path, progress: Progress) -> AsyncIterator[Services]:
    """Run all services for the length of a block, with the queues of `template`. `progress` takes a name and a step.

    Raises:
        ExceptionGroup: of a `ServiceError` of each that did not start; the others have been ended by then.
    """
    async with AsyncExitStack() as running:
        start = partial(_start, running, progress)
        server = await start("PostgreSQL", postgres(state, partial(progress, "PostgreSQL")))
        async with asyncio.TaskGroup() as group:
            first = group.create_task(start("Valkey", _valkey(state)))
            second = group.create_task(start("Directus", _directus(state, server, progress)))
            third = group.create_task(start("Supabase", _supabase(state, server, progress)))
            fourth = group.create_task(start("AWS", aws(state, template)))
        yield Services(first.result(), server, second.result(), third.result(), fourth.result())


def _valkey(state: State) -> AbstractAsyncContextManager[Valkey]:
    return valkey(state.port("valkey"), state.data("valkey"), state.log("valkey"))


def _directus(state: State, server: Postgres, progress: Progress) -> AbstractAsyncContextManager[Directus]:
    return directus(state, server.database("directus"), partial(progress, "Directus"))


def _supabase(state: State, server: Postgres, progress: Progress) -> AbstractAsyncContextManager[Supabase]:
    return supabase(state, server.database("supabase"), partial(progress, "Supabase"))


async def _start[T](
    running: AsyncExitStack, progress: Progress, name: str, service: AbstractAsyncContextManager[T]
) -> T:
    began = monotonic()
    entered = await running.enter_async_context(service)
    progress(name, f"ready after {monotonic() - began:.1f} s")
    return entered
