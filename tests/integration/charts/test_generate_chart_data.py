"""What generate_chart_data answers is what an independent calculation finds in the rows."""

import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import psycopg
from hypothesis import HealthCheck, example, given, settings
from psycopg.types.json import Jsonb

from charts.parsing import parse_definition
from tests.integration.charts.reference import CAMPAIGN, GOAL, Chart
from tests.integration.charts.strategies import Case, cases, filter_cases
from tests.thoroughness import times

Row = dict[str, Any]
# As large as each other today, and yesterday too: no rows count 0, as rows do that hold nothing to be counted.
ALIKE_IN_BOTH_PERIODS: Case = (
    {
        "source": "samples",
        "measures": [{"name": "places", "type": "countDistinct", "field": "place"}, {"name": "all", "type": "count"}],
        "dimensions": [{"dimension": "code"}],
        "timeDimension": {
            "dimension": "clock",
            "granularity": "day",
            "dateRange": "today",
            "compare": "previousPeriod",
        },
    },
    [
        {"campaign_id": CAMPAIGN, "clock": datetime(2026, 3, day, 7), "place": None, "code": code}  # noqa: DTZ001
        for day, code in ((8, "Adams"), (8, None), (7, None))
    ],
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    None,
)


def generate(database: psycopg.Connection, config: Row, now: datetime, campaign: str | None) -> Row:
    query = "select generate_chart_data(%s, %s, %s)"
    ((result,),) = database.execute(query, (Jsonb(config), now, campaign)).fetchall()
    return result  # type: ignore[no-any-return]  # JSON


def fill(database: psycopg.Connection, rows: list[Row]) -> None:
    add_campaign = "insert into campaigns (id, name, goal) values (%s, 'One', %s) on conflict do nothing"
    database.execute(add_campaign, (CAMPAIGN, GOAL))
    database.execute("delete from samples")
    listed = json.dumps(rows, default=str).replace(": NaN", ': "NaN"')
    database.execute("insert into samples select * from jsonb_populate_recordset(null::samples, %s)", (listed,))


def is_same(found: Any, expected: Any) -> bool:  # noqa: ANN401  # JSON
    if isinstance(expected, Fraction | Decimal):
        return isinstance(found, int | float) and math.isclose(found, expected, rel_tol=1e-12, abs_tol=1e-12)
    return bool(found == expected)


def compare(found: list[Row], expected: list[Row]) -> None:
    assert [sorted(row) for row in found] == [sorted(row) for row in expected]
    wrong = [
        (index, field, row[field], expected[index][field])
        for index, row in enumerate(found)
        for field in row
        if not is_same(row[field], expected[index][field])
    ]
    assert not wrong


def check(database: psycopg.Connection, case: Case) -> None:
    config, rows, now, campaign = case
    parse_definition(config)
    fill(database, rows)
    compare(generate(database, config, now, campaign)["rows"], Chart(config, rows, now, campaign).rows())


OFTEN = settings(
    max_examples=times(700),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@OFTEN
@given(case=cases())
@example(case=ALIKE_IN_BOTH_PERIODS)
def test_rows_equal_those_calculated_from_the_source_one_by_one(database: psycopg.Connection, case: Case) -> None:
    check(database, case)


@OFTEN
@given(case=filter_cases())
def test_a_condition_holds_for_the_rows_that_an_independent_reading_of_it_keeps(
    database: psycopg.Connection, case: Case
) -> None:
    check(database, case)
