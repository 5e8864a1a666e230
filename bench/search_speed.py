"""Three kinds of search in a real Directus on PostgreSQL: plain, plain with folded columns, and close."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import httpx
import msgspec
import psycopg
from psycopg import sql

from bench.quality.cases import FIELD_SETS, FIELDS, Case, VoterList, only
from bench.quality.clipboard import Rates
from bench.quality.population import nationwide
from bench.report import Limit, Row
from essearch.columns import COLUMNS
from essearch.matching import Fields
from essearch.query import SearchQuery
from essearch.search import search
from essearch.settings import PERSON_FIELDS
from local.services.directus import directus
from local.services.directus_content import persons_collection
from local.services.postgres import postgres
from local.state import ROOT, State
from petition.clients.directus import Collection
from petition.clients.directus_login import log_in
from petition.clients.directus_token import Credentials
from petition.config.rotating_setting import RotatingSetting
from petition.config.service_url import ServiceUrl
from petition.deadline import Deadline

SIZES: Mapping[int, float] = {5_000: 1.4, 50_000: 1.0, 500_000: 0.5}  # voters, and how much longer than a plain search
SEARCHES = 200
SEED = 20260701
SECONDS = 600.0
PLAIN, FOLDED = Fields(FIELDS.wire), FIELDS


@dataclass(frozen=True)
class DirectusBench:
    """A Directus to measure on, and the database under it."""

    admin: Credentials
    database: str

    def log_in(self) -> str:
        """A fresh token, as filling a long list takes longer than one lives."""
        return log_in(self.admin, Deadline(SECONDS)).value

    def collection(self, name: str) -> Collection:
        """One of its collections."""
        return Collection(name, RotatingSetting(lambda: self.admin), Deadline(SECONDS), token=self.log_in())


async def rows(sizes: Iterable[int] = SIZES, searches: int = SEARCHES) -> Sequence[Row]:
    """Two rows for each size of the list."""
    async with _start_directus() as bench:
        return [row for size in sizes for row in await asyncio.to_thread(list, _measure(bench, size, searches))]


@asynccontextmanager
async def _start_directus() -> AsyncIterator[DirectusBench]:
    state = State(ROOT / "build" / "bench" / "search")
    state.folder.mkdir(parents=True, exist_ok=True)
    async with postgres(state, print) as server:
        database = server.database("directus")
        async with directus(state, database, print) as service:
            admin = Credentials(ServiceUrl(service.url), service.admin.email, service.admin.password)
            yield DirectusBench(admin, database.url)


def _measure(bench: DirectusBench, size: int, searches: int) -> Iterator[Row]:
    voters = VoterList(nationwide, size, SEED)
    name = f"persons_{size}"
    _fill(bench, name, voters)
    ms = time_searches(bench.collection(name), list(voters.cases(searches, Rates(), "test")))
    close, plain, folded = median(ms["close"]), median(ms["plain"]), median(ms["folded"])
    yield Row(
        "close search p50, beside a plain one (first and last name)",
        f"{size:,} voters",
        f"{close:.1f} ms",
        peer=f"{plain:.1f} ms",
        to_peer=close / plain,
        limits=[Limit(close / plain, SIZES[size], "x peer")],
    )
    yield Row(
        "plain search p50 with folded columns, beside one without",
        f"{size:,} voters",
        f"{folded:.1f} ms",
        peer=f"{plain:.1f} ms",
        to_peer=folded / plain,
    )


def time_searches(items: Collection, cases: Sequence[Case]) -> Mapping[str, Sequence[float]]:
    """Milliseconds of each kind of search, in turns."""
    kinds: Mapping[str, Callable[[Case], object]] = {
        "plain": lambda case: search(_query(case, "name"), items, PLAIN),
        "folded": lambda case: search(_query(case, "name"), items, FOLDED),
        "close": lambda case: search(_query(case, "everything", match="close"), items, FOLDED),
    }
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    for case in cases:
        for kind, ask in kinds.items():
            start = perf_counter()
            ask(case)
            taken[kind].append((perf_counter() - start) * 1000)
    return taken


def _query(case: Case, fields: str, match: str = "exact") -> SearchQuery:
    return msgspec.convert({**only(case.typed, FIELD_SETS[fields]), "match": match}, SearchQuery)


def _fill(bench: DirectusBench, name: str, voters: VoterList) -> None:
    """A collection with so many voters, unless an earlier run has left it."""
    with httpx.Client(base_url=bench.admin.endpoint, timeout=SECONDS) as client:
        client.headers["Authorization"] = f"Bearer {bench.log_in()}"
        if client.get(f"/collections/{name}").is_success:
            return
        client.post("/collections", json=persons_collection(name)).raise_for_status()
    columns = [*PERSON_FIELDS, *sorted(COLUMNS)]
    into = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with psycopg.connect(bench.database, autocommit=True) as connection:
        with connection.cursor() as cursor, cursor.copy(into) as copy:
            for item in voters.items.items:
                copy.write_row([item[column] for column in columns])
        # Of the committed script what serves folded columns: the peer is what a Directus has by itself.
        for column in ("foldLastName", "foldFirstName", "foldAddress"):
            connection.execute(
                sql.SQL("create index on {} ({} text_pattern_ops)").format(sql.Identifier(name), sql.Identifier(column))
            )
        connection.execute(sql.SQL("analyze {}").format(sql.Identifier(name)))
