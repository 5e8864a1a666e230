"""A period that is not over is compared with the same part of the earlier one."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

ZONE = "America/New_York"
WEDNESDAY_NOON = datetime(2026, 11, 18, 17, tzinfo=UTC)  # 12:00 in New York
COUNT = {"name": "n", "type": "count"}


@pytest.fixture
def hourly(database: psycopg.Connection) -> psycopg.Connection:
    """A row at every full hour of October and November 2026."""
    database.execute(
        "insert into samples (at, day, size) select at, (at at time zone %s)::date, 1 "
        "from generate_series(timestamptz '2026-10-01 04:00Z', '2026-12-01 04:00Z', '1 hour') as at",
        (ZONE,),
    )
    return database


def generate(database: psycopg.Connection, now: datetime = WEDNESDAY_NOON, /, **time: object) -> dict[str, Any]:
    config = {
        "source": "samples",
        "timezone": ZONE,
        "measures": [COUNT],
        "timeDimension": {"dimension": "at", "compare": "sameElapsed"} | time,
    }
    ((result,),) = database.execute("select generate_chart_data(%s, %s)", (Jsonb(config), now)).fetchall()
    return result  # type: ignore[no-any-return]  # JSON


@pytest.mark.parametrize(
    ("now", "time", "previous", "end"),
    [
        (WEDNESDAY_NOON, {"dateRange": "this week"}, 60, "2026-11-11T17:00:00+00:00"),
        (WEDNESDAY_NOON, {"dateRange": "today"}, 12, "2026-11-17T17:00:00+00:00"),
        (WEDNESDAY_NOON, {"dateRange": "this hour"}, 0, "2026-11-18T16:00:00+00:00"),
        # the clocks were set back on 1 November: noon is noon
        (WEDNESDAY_NOON, {"dateRange": "this month"}, 17 * 24 + 12, "2026-10-18T16:00:00+00:00"),
        # the 31st has no counterpart in September
        (datetime(2026, 10, 31, 16, tzinfo=UTC), {"dateRange": "this month"}, 0, "2026-10-01T04:00:00+00:00"),
        (WEDNESDAY_NOON, {"dateRange": "last week"}, 7 * 24, "2026-11-09T05:00:00+00:00"),
        (WEDNESDAY_NOON, {"dateRange": ["2026-11-20", "2026-11-21"]}, 0, "2026-11-18T05:00:00+00:00"),
    ],
)
def test_as_much_of_the_earlier_period_counts_as_has_passed(
    hourly: psycopg.Connection, now: datetime, time: dict[str, object], previous: int, end: str
) -> None:
    result = generate(hourly, now, **time)
    assert result["rows"][0]["n__previous"] == previous
    assert result["previousRange"]["to"] == end


def test_a_date_has_no_time_of_day_so_that_today_counts_as_a_whole(hourly: psycopg.Connection) -> None:
    result = generate(hourly, dimension="day", dateRange="this week")
    assert result["rows"] == [{"n": 7 * 24, "n__previous": 3 * 24}]
    assert result["previousRange"]["to"] == "2026-11-12T05:00:00+00:00"


def test_buckets_that_have_not_begun_are_compared_with_nothing(hourly: psycopg.Connection) -> None:
    rows = generate(hourly, dateRange="this week", granularity="day")["rows"]
    assert [row["n__previous"] for row in rows] == [24, 24, 12, None, None, None, None]
    assert rows[3]["at__previous"] == "2026-11-12"


def test_a_running_total_of_the_earlier_period_ends_where_this_one_does(hourly: psycopg.Connection) -> None:
    config = {
        "source": "samples",
        "timezone": ZONE,
        "measures": [COUNT | {"runningTotal": True}],
        "timeDimension": {"dimension": "at", "dateRange": "this week", "granularity": "day", "compare": "sameElapsed"},
    }
    query = "select generate_chart_data(%s, %s)->'rows'"
    ((rows,),) = hourly.execute(query, (Jsonb(config), WEDNESDAY_NOON)).fetchall()
    assert [row["n__previous"] for row in rows] == [24, 48, 60, None, None, None, None]


def test_the_series_says_so(hourly: psycopg.Connection) -> None:
    named = [series["name"] for series in generate(hourly, dateRange="this week")["series"]]
    assert named == ["N", "N (previous period to date)"]
    whole = generate(hourly, dateRange="this week", compare="previousPeriod")
    assert whole["series"][1]["name"] == "N (previous period)"
    assert whole["rows"][0]["n__previous"] == 7 * 24


def test_a_filter_beside_it_still_holds(hourly: psycopg.Connection) -> None:
    config = {
        "source": "samples",
        "timezone": ZONE,
        "measures": [COUNT],
        "timeDimension": {"dimension": "at", "dateRange": "this week", "compare": "sameElapsed"},
        "filters": [
            {"or": [{"member": "size", "operator": "gt", "values": [1]}, {"member": "at", "operator": "notSet"}]}
        ],
    }
    query = "select generate_chart_data(%s, %s)->'rows'"
    ((rows,),) = hourly.execute(query, (Jsonb(config), WEDNESDAY_NOON)).fetchall()
    assert rows == [{"n": 0, "n__previous": 0}]
