"""The examples of docs/charts.md and the demo's charts come out as they are shown."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from charts.definition import parse_definition
from local import postgres
from local.demo import campaign, charts

PAGE = Path(__file__).parents[3] / "docs/charts.md"
EXAMPLE = re.compile(r"^### (\w+): .*?```json\n(.*?)```\n\n```json\n(.*?)```", re.DOTALL | re.MULTILINE)
EXAMPLES = {
    kind: (json.loads(config), json.loads(result)) for kind, config, result in EXAMPLE.findall(PAGE.read_text())
}
LAST_DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(server: postgres.Server) -> Iterator[psycopg.Connection]:
    server.create_project("demo")
    with server.connect("demo") as connection:
        connection.execute("insert into campaigns (id, name, goal) values (%s, 'Demo', 60000)", (campaign.CAMPAIGN_ID,))
        connection.execute(charts.sql(campaign.CAMPAIGN_ID, LAST_DAY))
        yield connection


def test_there_is_an_example_of_each_kind() -> None:
    assert {kind.lower() for kind in EXAMPLES} == {"line", "area", "bar", "pie", "number", "table"}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_example_comes_out_as_it_is_shown(demo: psycopg.Connection, kind: str) -> None:
    config, shown = EXAMPLES[kind]
    parse_definition(config)
    query = "select generate_chart_data(%s, %s, %s)"
    assert demo.execute(query, (Jsonb(config), NOW, campaign.CAMPAIGN_ID)).fetchone() == (shown,)


@pytest.mark.parametrize("title", charts.DEFINITIONS)
def test_every_chart_of_the_demo_is_generated(demo: psycopg.Connection, title: str) -> None:
    parse_definition(charts.DEFINITIONS[title])
    ((answer,),) = demo.execute(
        "select generate_chart(%s, 1)", (charts.chart_id(campaign.CAMPAIGN_ID, title),)
    ).fetchall()
    assert answer["outcome"] == "generated"
    assert answer["chart"]["data"]["rows"]


def test_the_demo_is_fifty_thousand_signatures_over_a_year(demo: psycopg.Connection) -> None:
    found = demo.execute(
        "select count(*), max(signed_at) - min(signed_at) between '364 days' and '365 days' from signatures"
    )
    assert found.fetchone() == (charts.SIGNATURES, True)


def test_the_same_arguments_make_the_same_signatures(demo: psycopg.Connection) -> None:
    digest = """
        select md5(string_agg(concat_ws(' ', voter_id, signed_at, city, circulator, status), '' order by voter_id))
        from signatures
    """
    before: Any = demo.execute(digest).fetchone()
    demo.execute(charts.sql(campaign.CAMPAIGN_ID, LAST_DAY))
    assert demo.execute(digest).fetchone() == before
