"""A PostgreSQL with the project's migrations, and a source that has a column of every kind."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from testing import postgres

SAMPLES = """
create type public.kind as enum ('paper', 'tablet', 'kiosk');
create table public.samples (
  campaign_id uuid, at timestamptz, clock timestamp, day date, place text, code varchar(20), kind public.kind,
  checked boolean, size integer, big bigint, amount numeric(12, 2), ratio float8, ref uuid, hidden jsonb, weight real
);
create view chart_sources.samples as select * from public.samples;
"""


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    with postgres.server() as running:
        running.create_project("template")
        with running.connect("template") as connection:
            connection.execute(SAMPLES)
        yield running


@pytest.fixture
def project(server: postgres.Server) -> str:
    """The name of a database of the test's own."""
    return copy_template(server)


@pytest.fixture(scope="module")
def shared_database(server: postgres.Server) -> str:
    """The name of a database for all tests of a module that change nothing but rows: each copy is 300 files."""
    return copy_template(server)


def copy_template(server: postgres.Server) -> str:
    name = f"copy_{uuid4().hex}"
    server.create_database(name, "template")
    return name


@pytest.fixture
def database(server: postgres.Server, shared_database: str) -> Iterator[psycopg.Connection]:
    """An empty database, for a test that changes nothing but rows."""
    with server.connect(shared_database) as connection:
        yield connection
        connection.execute("delete from samples; delete from campaigns")


@pytest.fixture
def own_database(server: postgres.Server, project: str) -> Iterator[psycopg.Connection]:
    """An empty database of the test's own, whose tables and views it may change."""
    with server.connect(project) as connection:
        yield connection


type Draw = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def draw(database: psycopg.Connection) -> Draw:
    """Generates the rows of a chart of `samples`."""
    return partial(draw_rows, database)


def draw_rows(database: psycopg.Connection, now: datetime | None = None, /, **config: object) -> list[dict[str, Any]]:
    """Generate the rows of a chart of `samples`."""
    query = "select generate_chart_data(%s, coalesce(%s, now()))->'rows'"
    ((rows,),) = database.execute(query, (Jsonb({"source": "samples"} | config), now)).fetchall()
    return rows  # type: ignore[no-any-return]  # JSON
