"""A PostgreSQL with the project's migrations, and a source that has a column of every kind."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

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
def project(server: postgres.Server, request: pytest.FixtureRequest) -> str:
    """The name of a database of the test's own."""
    name = f"test_{abs(hash(request.node.nodeid))}"
    with server.connect() as connection:
        connection.execute(f'create database "{name}" template template')
    return name


@pytest.fixture
def database(server: postgres.Server, project: str) -> Iterator[psycopg.Connection]:
    with server.connect(project) as connection:
        yield connection


type Draw = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def draw(database: psycopg.Connection) -> Draw:
    """Generates the rows of a chart of `samples`."""

    def draw(now: datetime | None = None, /, **config: object) -> list[dict[str, Any]]:
        query = "select generate_chart_data(%s, coalesce(%s, now()))->'rows'"
        ((rows,),) = database.execute(query, (Jsonb({"source": "samples"} | config), now)).fetchall()
        return rows  # type: ignore[no-any-return]  # JSON

    return draw
