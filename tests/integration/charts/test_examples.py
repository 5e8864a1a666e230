"""The examples of docs/charts.md and the demo's charts give the results that are shown."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from charts.parsing import parse_definition
from local.demo import campaign, charts, signatures
from testing import postgres

PAGE = Path(__file__).parents[3] / "docs/charts.md"
EXAMPLE = re.compile(r"^### (\w+): .*?```json\n(.*?)```\n\n```json\n(.*?)```", re.DOTALL | re.MULTILINE)
EXAMPLES = {
    kind: (json.loads(config), json.loads(result)) for kind, config, result in EXAMPLE.findall(PAGE.read_text())
}
CONDITIONS = (
    {"member": "city", "operator": "contains", "values": ["a"]},
    {"member": "birth_year", "operator": "gte", "values": [1990.5]},
    {"member": "verified_on", "operator": "equals", "values": ["2026-11-02"]},
    {"member": "signed_at", "operator": "inDateRange", "values": ["last 9 weeks"]},
    {"member": "zip", "operator": "notSet"},
)
LAST_DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)


@contextmanager
def create_demo(server: postgres.Server) -> Iterator[psycopg.Connection]:
    server.create_project("demo")
    with server.connect("demo") as connection:
        connection.execute("insert into campaigns (id, name, goal) values (%s, 'Demo', 4000)", (campaign.CAMPAIGN_ID,))
        connection.execute(signatures.sql(LAST_DAY))
        connection.execute(charts.sql(campaign.CAMPAIGN_ID))
        yield connection


@pytest.fixture(scope="module")
def demo(server: postgres.Server) -> Iterator[psycopg.Connection]:
    with create_demo(server) as connection:
        yield connection


def generate(demo: psycopg.Connection, config: dict[str, Any]) -> dict[str, Any]:
    query = "select generate_chart_data(%s, %s, %s)"
    ((result,),) = demo.execute(query, (Jsonb(config), NOW, campaign.CAMPAIGN_ID)).fetchall()
    return result  # type: ignore[no-any-return]  # JSON


def test_there_is_an_example_of_each_kind() -> None:
    assert {kind.lower() for kind in EXAMPLES} == {"line", "area", "bar", "pie", "number", "table"}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_example_comes_out_as_it_is_shown(demo: psycopg.Connection, kind: str) -> None:
    config, shown = EXAMPLES[kind]
    parse_definition(config)
    assert generate(demo, config) == shown


def test_they_come_out_on_an_older_postgresql_too() -> None:
    with postgres.server(version=16) as older, create_demo(older) as demo:
        assert demo.info.server_version < 170_000
        for config, shown in EXAMPLES.values():
            assert generate(demo, config) == shown
        for title in charts.DEFINITIONS:
            chart = charts.chart_id(campaign.CAMPAIGN_ID, title)
            ((answer,),) = demo.execute("select generate_chart(%s)", (chart,)).fetchall()
            assert answer["outcome"] == "generated"
        everywhere = {"timezone": "Japan", "filters": [{"or": list(CONDITIONS)}]}
        assert generate(demo, EXAMPLES["Area"][0] | everywhere)["rows"]
        ((page,),) = demo.execute("select due_charts()").fetchall()
        assert page["charts"] == []


@pytest.mark.parametrize("title", charts.DEFINITIONS)
def test_every_chart_of_the_demo_is_generated(demo: psycopg.Connection, title: str) -> None:
    parse_definition(charts.DEFINITIONS[title])
    ((answer,),) = demo.execute("select generate_chart(%s)", (charts.chart_id(campaign.CAMPAIGN_ID, title),)).fetchall()
    assert answer["outcome"] == "generated"
    assert answer["chart"]["data"]["rows"]


def test_the_demo_is_three_thousand_signatures_over_a_year(demo: psycopg.Connection) -> None:
    found = demo.execute(
        "select count(*), max(signed_at) - min(signed_at) between '364 days' and '365 days' from signatures"
    )
    assert found.fetchone() == (signatures.COUNT, True)


def test_the_same_arguments_make_the_same_signatures(demo: psycopg.Connection) -> None:
    digest = """
        select md5(string_agg(concat_ws(' ', voter_id, signed_at, city, circulator, status), '' order by voter_id))
        from signatures
    """
    before: Any = demo.execute(digest).fetchone()
    demo.execute(signatures.sql(LAST_DAY))
    assert demo.execute(digest).fetchone() == before
