"""The SQL of docs/charts.md and docs/signers.md, executed on a database with every migration."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from testing import postgres
from tests.integration.docs.blocks import blocks

CAMPAIGN = uuid4()
SIGNATURES = (
    "insert into signatures (campaign_id, voter_id, signed_at, channel, city, status) values"
    " (%(campaign)s, 'sure', now(), 'mail', 'Alderton', 'valid'),"
    " (%(campaign)s, 'open', now(), 'mail', 'Alderton', 'pending')"
)
EVENTS = "create table public.events (campaign_id uuid, held_at timestamptz, city text, visitors integer)"


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with postgres.server() as server:
        yield server


@pytest.fixture
def database(server: postgres.Server, request: pytest.FixtureRequest) -> Iterator[psycopg.Connection]:
    """A database of the test's own."""
    name = request.node.name
    server.create_project(name)
    with server.connect(name) as connection:
        connection.execute("insert into campaigns (id, name) values (%s, 'One')", (CAMPAIGN,))
        connection.execute(SIGNATURES, {"campaign": CAMPAIGN})
        yield connection


def statements(page: str) -> list[str]:
    return [block.text for block in blocks("sql") if block.page.name == page]


def test_a_chart_is_stored_and_generated_and_a_view_is_a_source(database: psycopg.Connection) -> None:
    insert, view = statements("charts.md")
    database.execute(insert.replace("'...'", f"'{CAMPAIGN}'"))
    answer = database.execute("select generate_chart(id) ->> 'outcome' from charts").fetchone()
    assert answer == ("generated",)
    database.execute(EVENTS)
    database.execute(view)
    definition = """{"source": "events", "measures": [{"name": "n", "type": "sum", "field": "visitors"}]}"""
    database.execute("insert into events values (%s, now(), 'Alderton', 12)", (CAMPAIGN,))
    query = "select generate_chart_data(%s, now(), %s) -> 'rows'"
    assert database.execute(query, (definition, CAMPAIGN)).fetchone() == ([{"n": 12}],)


def test_which_signatures_count_is_changed(database: psycopg.Connection) -> None:
    query = "select find_signers(%s, '{sure,open}')"
    assert database.execute(query, (CAMPAIGN,)).fetchone() == (["open", "sure"],)
    (change,) = statements("signers.md")
    database.execute(change)
    assert database.execute(query, (CAMPAIGN,)).fetchone() == (["sure"],)
