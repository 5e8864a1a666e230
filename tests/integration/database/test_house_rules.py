"""Everything in the database has a comment and is closed. docs/database.md shows how to add to it."""

import re
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.integration.database.house_rules import RULES, find_breaches

EXAMPLES = re.findall(r"```sql\n(.*?)```", (Path(__file__).parents[3] / "docs/database.md").read_text(), re.DOTALL)
BREACHES = {
    "has a comment": "create function public.silent() returns integer language sql set search_path = '' return 1",
    "has a closed search path and its caller's rights": (
        "create function public.loose() returns integer language sql return 1"
    ),
    "is executed by the service role alone": "create function public.open() returns integer language sql return 1",
    "is written by the service role alone, behind row-level security": "create table public.open (id integer)",
}


@pytest.mark.parametrize("rule", RULES)
def test_everything_in_the_database(database: psycopg.Connection, rule: str) -> None:
    assert find_breaches(database, rule) == []


@pytest.mark.parametrize("rule", RULES)
def test_a_breach_is_found(database: psycopg.Connection, rule: str) -> None:
    database.execute(BREACHES[rule])
    assert len(find_breaches(database, rule)) == 1


@pytest.mark.parametrize("rule", RULES)
def test_what_the_page_adds_keeps_the_rules(database: psycopg.Connection, rule: str) -> None:
    assert len(EXAMPLES) == 3
    for example in EXAMPLES:
        database.execute(example)
    assert find_breaches(database, rule) == []


def test_the_change_that_the_page_shows_is_seen_in_a_chart(database: psycopg.Connection) -> None:
    campaign = uuid4()
    database.execute("insert into campaigns (id, name) values (%s, 'One')", (campaign,))
    database.execute(
        "insert into signatures (campaign_id, voter_id, signed_at, channel, city)"
        " select %s, 'V' || n, now(), 'mail', n from generate_series(1, 3) as n",
        (campaign,),
    )
    config = {
        "source": "signatures",
        "measures": [{"name": "n", "type": "count"}],
        "dimensions": [{"dimension": "city", "limit": 1}],
    }
    labels = "select jsonb_path_query_array(generate_chart_data(%s, now(), %s), '$.rows[*].city')"
    assert database.execute(labels, (Jsonb(config), campaign)).fetchone() == (["1", "Other"],)
    database.execute(EXAMPLES[0])
    assert database.execute(labels, (Jsonb(config), campaign)).fetchone() == (["1", "All others"],)
