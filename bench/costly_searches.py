"""What the costliest searches leave to others: sixteen at once, for as long as duplicate checks and plain searches run.

    python -m bench --only "costly searches"

Such a search has as many words as are allowed. Each is compared literally, so that Directus looks for a superset, which
is as large as is allowed too and is read whole.
"""

import asyncio
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Final

import httpx
from pydantic import JsonValue

from bench.children import BenchError
from bench.report import Limit, Row
from bench.stack import BenchStack, run_gateway
from essearch.matching import WORD_FIELDS
from essearch.persons import MAX_CANDIDATES, MAX_WORDS
from local.demo.voters import COUNT, voters

AT_ONCE: Final = 16
ROUNDS: Final = 50
CHECK_MS: Final = 300
PLAIN_MS: Final = 2_000
SEARCH, CHECK = "/api/essearch-common", "/api/duplicate"

type Body = Mapping[str, JsonValue]


async def rows(stack: BenchStack, rounds: int = ROUNDS) -> list[Row]:
    """The slowest check and the slowest plain search of so many, alone and beside the costliest searches."""
    print(f"Measuring beside {AT_ONCE} costly searches", file=sys.stderr)
    costly: Body = {"query": costliest_query()}
    others: Mapping[str, Body] = {
        CHECK: {"campaignId": stack.campaign_id, "voterId": stack.signed_voter_id},
        SEARCH: dict(stack.criteria),
    }
    async with run_gateway(stack) as url, _client(url, stack.token) as client:
        await _start_processes(client, costly, others)
        alone = await _slowest(client, others, rounds)
        async with _busy(client, costly):
            beside = await _slowest(client, others, rounds)
    return [
        _row("slowest duplicate check", CHECK, alone[CHECK], beside[CHECK], CHECK_MS),
        _row("slowest plain search", SEARCH, alone[SEARCH], beside[SEARCH], PLAIN_MS),
    ]


def costliest_query() -> str:
    """The words that keep most candidates, of those that may be searched for."""
    found: dict[str, set[int]] = defaultdict(set)
    for number, voter in enumerate(voters()):
        for text in [str(voter.item()[name] or "").lower() for name in WORD_FIELDS]:
            # Directus is asked for any character between the two.
            for first, last in zip(text, text[2:], strict=False):
                if (first + last).isalnum():
                    found[f"{first}%{last}"].add(number)
    word = max(found, key=lambda each: len(found[each]) if len(found[each]) <= MAX_CANDIDATES else 0)
    left, words = found.pop(word), [word]
    while len(words) < MAX_WORDS:
        word = max(found, key=lambda each: len(found[each] & left))
        left &= found.pop(word)
        words.append(word)
    return " ".join(words)


@asynccontextmanager
async def _client(url: str, token: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        yield client


async def _ask(client: httpx.AsyncClient, path: str, body: Body) -> float:
    """Milliseconds of one request."""
    start = perf_counter()
    answer = await client.post(path, json=body)
    if answer.status_code != httpx.codes.OK:
        raise BenchError(f"{path} was answered with {answer.status_code}.")
    return (perf_counter() - start) * 1000


async def _slowest(client: httpx.AsyncClient, requests: Mapping[str, Body], rounds: int) -> Mapping[str, float]:
    taken: dict[str, list[float]] = {path: [] for path in requests}
    for _ in range(rounds):
        for path, body in requests.items():
            taken[path].append(await _ask(client, path, body))
    return {path: max(each) for path, each in taken.items()}


async def _start_processes(client: httpx.AsyncClient, costly: Body, others: Mapping[str, Body]) -> None:
    """As many as will be needed, and one more search for the plain one beside the others."""
    searches = [_ask(client, SEARCH, costly) for _ in range(AT_ONCE)]
    await asyncio.gather(*searches, *[_ask(client, path, body) for path, body in others.items()])


@asynccontextmanager
async def _busy(client: httpx.AsyncClient, costly: Body) -> AsyncIterator[None]:
    """Costly searches, one after the other in each of so many tasks, for the length of a block."""

    async def repeat() -> None:
        while True:
            await _ask(client, SEARCH, costly)

    tasks = [asyncio.create_task(repeat()) for _ in range(AT_ONCE)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, BenchError):
                raise ended


def _row(measured: str, path: str, alone: float, beside: float, most: float) -> Row:
    return Row(
        f"{measured} beside {AT_ONCE} of the costliest searches, {COUNT:,} voters (floor: alone)",
        path,
        f"{beside:.0f} ms",
        f"{alone:.0f} ms",
        to_floor=beside / alone,
        limits=[Limit(beside, most, "ms")],
    )
