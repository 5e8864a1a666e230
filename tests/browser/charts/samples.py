"""The charts that are drawn: those of the demo, and one of each kind with a comparison, a target and "Other"."""

from datetime import UTC, date, datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from local.demo import campaign, charts, signatures

type Chart = dict[str, Any]

LAST_DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
WEEKS: Chart = {
    "dimension": "signed_at",
    "granularity": "week",
    "dateRange": "last 4 weeks",
    "compare": "previousPeriod",
}
WEEK: Chart = {"dimension": "signed_at", "dateRange": "this week", "compare": "previousPeriod"}
FULL: Chart = {
    "source": "signatures",
    "timezone": "America/Los_Angeles",
    "measures": [{"name": "signatures", "type": "count"}],
    "dimensions": [{"dimension": "city", "limit": 2}],
    "target": {"value": 1500, "title": "Goal"},
}
FULL_OF_EACH: dict[str, Chart] = {
    "line": FULL | {"chartType": "line", "timeDimension": WEEKS},
    "area": FULL | {"chartType": "area", "timeDimension": WEEKS},
    "bar": FULL | {"chartType": "bar", "timeDimension": WEEK},
    "pie": FULL | {"chartType": "pie", "timeDimension": WEEK},
    "number": FULL | {"chartType": "number", "timeDimension": WEEK, "dimensions": []},
    "table": FULL | {"chartType": "table", "timeDimension": WEEK},
}
DEFINITIONS = charts.DEFINITIONS | {f"A full {kind}": definition for kind, definition in FULL_OF_EACH.items()}


def generate(connection: psycopg.Connection) -> dict[str, Chart]:
    """The data of each chart, by its title, on the demo's signatures up to `LAST_DAY`."""
    connection.execute("insert into campaigns (id, name, goal) values (%s, 'Demo', 4000)", (campaign.CAMPAIGN_ID,))
    connection.execute(signatures.sql(LAST_DAY))
    return {title: generate_one(connection, definition) for title, definition in DEFINITIONS.items()}


def generate_one(connection: psycopg.Connection, definition: Chart) -> Chart:
    """The data of one definition, as the route answers them."""
    query = "select generate_chart_data(%s, %s, %s)"
    ((data,),) = connection.execute(query, (Jsonb(definition), NOW, campaign.CAMPAIGN_ID)).fetchall()
    return data  # type: ignore[no-any-return]  # JSON
