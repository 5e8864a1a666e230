"""A chart through the REST interface: generated and persisted in one call, or added up here from pages of rows."""

import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, TypedDict
from zoneinfo import ZoneInfo

import httpx
import psycopg
from psycopg.types.json import Jsonb

from bench.chart_cases import CAMPAIGN, CASES, ZONE
from bench.interleaved import time_interleaved
from bench.report import Limit, Row
from local.loopback import LOOPBACK
from testing import postgres
from testing.rest import serve

CASE: Final = CASES[0]
CHART: Final = "0c7a52f0-4c5b-4a53-8f3e-0f4f6f6c1e11"
PAGE: Final = 1000  # the most that PostgREST answers at once
SECONDS: Final = 120
FAST_ROUNDS: Final = 9
# Paging takes a second for 50,000 rows; more of them make the noise of a single call matter less.
SLOW_ROUNDS_BELOW: Final = 200_000
SLOW_ROUNDS: Final = 3
LIMITED_FROM: Final = 1_000_000
TIMES_FASTER: Final = 50
# Tracing memory makes paging several times slower.
MOST_TRACED: Final = 200_000


class Signature(TypedDict):
    """The columns of a signature that counting needs."""

    id: int
    signed_at: str


class Bucket(TypedDict):
    """A row of the chart."""

    signed_at: str
    n: int


def compare_with_paging(server: postgres.Server, database: psycopg.Connection, count: int) -> Iterator[Row]:
    """Time and memory of the first case in both ways; their numbers are compared first."""
    query = "insert into public.charts (id, campaign_id, title, config) values (%s, %s, %s, %s)"
    database.execute(query, (CHART, CAMPAIGN, CASE.name, Jsonb(CASE.config)))
    with (
        serve(server, database.info.dbname) as rest,
        httpx.Client(
            base_url=f"{rest.url}/rest/v1", headers={"apikey": rest.secret_key}, timeout=SECONDS, **LOOPBACK
        ) as client,
    ):
        _check(client)
        yield _time(client, count)
        yield _memory(client, count)


def _time(client: httpx.Client, count: int) -> Row:
    (ours,) = time_interleaved([lambda: _generate_chart(client)], FAST_ROUNDS)
    (peer,) = time_interleaved([lambda: _count_days(client)], SLOW_ROUNDS if count < SLOW_ROUNDS_BELOW else 1)
    return Row(
        f"chart over {count:,} rows through REST (peer: paging)",
        CASE.name,
        f"{ours:,.1f} ms",
        peer=f"{peer:,.1f} ms",
        to_peer=ours / peer,
        limits=[Limit(ours / peer, 1 / TIMES_FASTER, "x peer")] if count >= LIMITED_FROM else [],
    )


def _memory(client: httpx.Client, count: int) -> Row:
    ours = _peak_kib(lambda: _generate_chart(client))
    peer = _peak_kib(lambda: _count_days(client)) if count <= MOST_TRACED else None
    return Row(
        f"the same, memory of the function, {count:,} rows",
        CASE.name,
        f"{ours:,.0f} KiB",
        peer=f"{peer:,.0f} KiB" if peer else "",
        to_peer=ours / peer if peer else None,
    )


def _check(client: httpx.Client) -> None:
    counts = _count_days(client)
    if any(row["n"] != counts[row["signed_at"]] for row in _generate_chart(client)):
        message = "paging: the two ways differ"
        raise SystemExit(message)


def _generate_chart(client: httpx.Client) -> list[Bucket]:
    answer = client.post("/rpc/generate_chart", json={"chart_id": CHART}).raise_for_status().json()
    return answer["chart"]["data"]["rows"]  # type: ignore[no-any-return]  # as the first case has it


def _count_days(client: httpx.Client) -> Counter[str]:
    zone, counts, last = ZoneInfo(ZONE), Counter[str](), 0
    while page := _page(client, last):
        counts.update(datetime.fromisoformat(row["signed_at"]).astimezone(zone).date().isoformat() for row in page)
        last = page[-1]["id"]
    return counts


def _page(client: httpx.Client, last: int) -> list[Signature]:
    query = f"/signatures?select=id,signed_at&campaign_id=eq.{CAMPAIGN}&id=gt.{last}&order=id&limit={PAGE}"
    return client.get(query).raise_for_status().json()  # type: ignore[no-any-return]  # rows as JSON


def _peak_kib(way: Callable[[], object]) -> float:
    tracemalloc.start()
    way()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1024
