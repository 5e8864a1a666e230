"""A project whose charts a test can hold up: rows, locks, and a count of every time that data was written."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from testing import postgres

SECONDS = 20
CAMPAIGN = uuid4()
COUNT = {"source": "signatures", "measures": [{"name": "n", "type": "count"}]}
# Reading "slow" takes until somebody lets go of lock 7.
SLOW = COUNT | {"source": "slow"}
BROKEN = {"source": "broken", "measures": [{"name": "n", "type": "sum", "field": "n"}]}
# Only the database can tell that this is wrong, and only an edit corrects it.
WRONG = {"source": "signatures", "measures": [{"name": "n", "type": "sum", "field": "city"}]}
# Valid, but of a view that a deployment has not created yet.
MISSING = COUNT | {"source": "nothing"}
PREPARED = """
create view chart_sources.slow as
  select 1 as n where pg_advisory_lock_shared(7) is not null and pg_advisory_unlock_shared(7);
create view chart_sources.broken as select 1 / (goal - goal) as n from public.campaigns;
create table public.written (chart_id uuid);
create function public.note_writing() returns trigger language plpgsql security definer as
  'begin insert into public.written values (new.id); return new; end';
create trigger note_writing after update of data on public.charts for each row execute function public.note_writing();
"""
type Row = dict[str, Any]


@dataclass
class Project:
    """One database, through a connection of its owner."""

    server: postgres.Server
    database: psycopg.Connection

    def prepare(self) -> None:
        """Add what makes charts slow, broken and counted."""
        self.database.execute(PREPARED)

    def clear(self) -> None:
        """Leave one campaign with three signatures, and no chart."""
        self.database.execute("truncate campaigns, signatures, charts, written cascade")
        self.database.execute("insert into campaigns (id, name, goal) values (%s, 'One', 10)", (CAMPAIGN,))
        self.sign(3)

    def sign(self, count: int) -> None:
        """Collect signatures."""
        self.database.execute(
            "insert into signatures (campaign_id, voter_id, signed_at, channel)"
            " select %s, gen_random_uuid(), now(), 'mail' from generate_series(1, %s)",
            (CAMPAIGN, count),
        )

    def add(self, config: Row = COUNT, count: int = 1) -> list[UUID]:
        """Add charts of one definition, and return their ids in the order in which they are listed."""
        query = (
            "insert into charts (campaign_id, title, config) select %s, 'A chart', %s from generate_series(1, %s)"
            " returning id"
        )
        return sorted(row[0] for row in self.database.execute(query, (CAMPAIGN, Jsonb(config), count)))

    def add_text(self, config: str) -> UUID:
        """Add a chart whose definition is this JSON text."""
        query = "insert into charts (campaign_id, title, config) values (%s, 'A chart', %s::jsonb) returning id"
        return self.database.execute(query, (CAMPAIGN, config)).fetchall()[0][0]  # type: ignore[no-any-return] # a uuid

    def edit(self, chart: UUID, config: Row) -> None:
        """Edit a definition."""
        self.database.execute("update charts set config = %s where id = %s", (Jsonb(config), chart))

    def row(self, chart: UUID) -> Row:
        """A chart as it is stored, but for its definition."""
        query = "select to_jsonb(charts) - 'config' from charts where id = %s"
        ((row,),) = self.database.execute(query, (chart,)).fetchall()
        return row  # type: ignore[no-any-return] # JSON

    def column(self, name: str, charts: list[UUID]) -> list[Any]:
        """One column of some charts, in their order."""
        return [self.row(chart)[name] for chart in charts]

    def count_writes(self, chart: UUID) -> int:
        """How often data was written to a chart."""
        query = "select count(*) from written where chart_id = %s"
        return self.database.execute(query, (chart,)).fetchall()[0][0]  # type: ignore[no-any-return] # a number

    @contextmanager
    def brake(self) -> Iterator["Brake"]:
        """Hold up every generation of `SLOW` for the length of the block."""
        with self.server.connect(self.database.info.dbname) as connection:
            connection.execute("select pg_advisory_lock(7)")
            yield Brake(connection)

    @contextmanager
    def statement_timeout(self, milliseconds: int) -> Iterator[None]:
        """Limit each statement, as PostgREST does from the function's own SET clause, and Supabase Lite does not."""
        name = self.database.info.dbname
        self.database.execute(f'alter database "{name}" set statement_timeout = {milliseconds}')
        self._reconnect()
        yield
        self.database.execute(f'alter database "{name}" reset statement_timeout')
        self._reconnect()

    def _reconnect(self) -> None:
        """End the REST interface's connections: a database's settings count for new ones."""
        self.database.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


@dataclass
class Brake:
    """What holds up generations."""

    connection: psycopg.Connection

    def count_waiting(self) -> int:
        """How many generations wait."""
        query = (
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and wait_event_type = 'Lock' and wait_event = 'advisory'"
        )
        return self.connection.execute(query).fetchall()[0][0]  # type: ignore[no-any-return] # a number

    def wait_for(self, count: int) -> None:
        """Wait until so many generations wait."""
        until(lambda: self.count_waiting() == count)

    def release(self) -> None:
        """Let them go on."""
        self.connection.execute("select pg_advisory_unlock_all()")


def until(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


class Meanwhile[Result]:
    """A call in another thread, and its result."""

    def __init__(self, call: Callable[[], Result]) -> None:
        self._results: list[Result] = []
        self._thread = threading.Thread(target=lambda: self._results.append(call()))
        self._thread.start()

    def result(self) -> Result:
        """Wait for it."""
        self._thread.join(SECONDS)
        return self._results[0]
