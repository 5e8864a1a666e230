"""Looking for due charts does not read those that the schedule leaves alone."""

from uuid import uuid4

import psycopg
import pytest

LISTED = "select id from charts where refresh_interval is not null and status <> 'invalid' order by id limit 1000"
FAILING = "select min(created_at) from charts where refresh_interval is not null and status = 'failed'"


@pytest.mark.parametrize(("query", "index"), [(LISTED, "charts_on_schedule"), (FAILING, "failing_charts")])
def test_an_index_leads_to_the_few_that_are_on_the_schedule(
    database: psycopg.Connection, query: str, index: str
) -> None:
    campaign = uuid4()
    database.execute("insert into campaigns (id, name) values (%s, 'One')", (campaign,))
    database.execute(
        "insert into charts (campaign_id, title, config, refresh_interval, status)"
        " select %s, 'Chart', '{}', case when n %% 100 = 0 then interval '1 hour' end,"
        " case when n %% 200 = 0 then 'failed' else 'pending' end from generate_series(1, 20000) as n",
        (campaign,),
    )
    database.execute("vacuum analyze charts")
    plan = "\n".join(line for (line,) in database.execute(f"explain {query}"))
    assert index in plan
    assert "Seq Scan" not in plan


def test_generating_a_chart_writes_no_index(database: psycopg.Connection) -> None:
    """PostgreSQL updates a row in place where no column of an index changes (HOT)."""
    campaign = uuid4()
    database.execute("insert into campaigns (id, name) values (%s, 'One')", (campaign,))
    config = '{"source": "campaigns", "measures": [{"name": "n", "type": "count"}]}'
    database.execute("insert into charts (campaign_id, title, config) values (%s, 'Chart', %s)", (campaign, config))
    for _ in range(5):
        database.execute("select generate_chart(id) from charts")
    database.execute("select pg_stat_force_next_flush()")
    updates = "select n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where relname = 'charts'"
    # the first one changes the status, which is in both indexes
    assert database.execute(updates).fetchone() == (5, 4)
