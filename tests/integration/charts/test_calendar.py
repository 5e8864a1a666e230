"""Days, weeks and hours where clocks and calendars are odd, each by hand."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)


def counts(
    database: psycopg.Connection,
    zone: str,
    granularity: str,
    date_range: str | list[str] | None,
    *moments: str,
    now: datetime = NOW,
) -> dict[str, int | None]:
    """Rows by bucket."""
    database.execute("insert into samples (at) select unnest(%s::timestamptz[])", (list(moments),))
    time: dict[str, Any] = {"dimension": "at", "granularity": granularity, "dateRange": date_range}
    config = {
        "source": "samples",
        "timezone": zone,
        "measures": [{"name": "n", "type": "count"}],
        "timeDimension": time,
    }
    ((result,),) = database.execute("select generate_chart_data(%s, %s)", (Jsonb(config), now)).fetchall()
    return {row["at"]: row["n"] for row in result["rows"]}


def test_a_day_on_which_clocks_are_set_forward_has_23_hours(database: psycopg.Connection) -> None:
    found = counts(
        database, "America/New_York", "hour", ["2026-03-08", "2026-03-08"], "2026-03-08 06:59Z", "2026-03-08 07:00Z"
    )
    assert len(found) == 23
    assert (found["2026-03-08T01:00:00-05:00"], found["2026-03-08T03:00:00-04:00"]) == (1, 1)


def test_a_day_on_which_clocks_are_set_back_has_25_hours_two_of_which_share_a_name(
    database: psycopg.Connection,
) -> None:
    found = counts(
        database, "America/New_York", "hour", ["2026-11-01", "2026-11-01"], "2026-11-01 05:30Z", "2026-11-01 06:30Z"
    )
    assert len(found) == 25
    assert (found["2026-11-01T01:00:00-04:00"], found["2026-11-01T01:00:00-05:00"]) == (1, 1)


def test_a_day_whose_midnight_comes_twice_begins_with_the_first(database: psycopg.Connection) -> None:
    found = counts(
        database,
        "America/Havana",
        "day",
        ["2026-10-31", "2026-11-01"],
        "2026-11-01 03:59Z",
        "2026-11-01 04:30Z",
        "2026-11-01 05:30Z",
    )
    assert found == {"2026-10-31": 1, "2026-11-01": 2}


def test_a_day_without_a_midnight_begins_where_its_clocks_do(database: psycopg.Connection) -> None:
    found = counts(
        database, "America/Havana", "day", ["2026-03-07", "2026-03-08"], "2026-03-08 04:59Z", "2026-03-08 05:00Z"
    )
    assert found == {"2026-03-07": 1, "2026-03-08": 1}


def test_a_day_that_a_zone_skipped_is_no_bucket(database: psycopg.Connection) -> None:
    found = counts(
        database, "Pacific/Apia", "day", ["2011-12-29", "2011-12-31"], "2011-12-30 09:59Z", "2011-12-30 10:00Z"
    )
    assert found == {"2011-12-29": 1, "2011-12-31": 1}


def test_weeks_are_iso_weeks_also_across_the_turn_of_a_year(database: psycopg.Connection) -> None:
    found = counts(
        database,
        "UTC",
        "week",
        ["2026-12-28", "2027-01-10"],
        "2026-12-31 12:00Z",
        "2027-01-03 23:59Z",
        "2027-01-04 00:00Z",
        now=datetime(2027, 2, 1, tzinfo=UTC),
    )
    assert found == {"2026-12-28": 2, "2027-01-04": 1}


def test_a_range_that_begins_inside_of_a_week_counts_from_there(database: psycopg.Connection) -> None:
    assert counts(database, "UTC", "week", ["2026-11-11", "2026-11-17"], "2026-11-10 12:00Z", "2026-11-11 00:00Z") == {
        "2026-11-09": 1,
        "2026-11-16": 0,
    }


def test_what_has_not_begun_yet_is_not_zero(database: psycopg.Connection) -> None:
    found = counts(database, "UTC", "month", "this year", "2026-11-01 00:00Z")
    assert (found["2026-10-01"], found["2026-11-01"], found["2026-12-01"]) == (0, 1, None)


@pytest.mark.parametrize("granularity", ["hour", "day", "week", "month", "quarter", "year"])
def test_an_empty_source_has_no_buckets_or_empty_ones(database: psycopg.Connection, granularity: str) -> None:
    assert counts(database, "America/New_York", granularity, None) == {}
    assert set(counts(database, "America/New_York", granularity, "yesterday").values()) == {0}


def test_relative_ranges_follow_the_clocks_of_the_zone_and_not_utc(database: psycopg.Connection) -> None:
    late = datetime(2026, 11, 23, 3, tzinfo=UTC)  # still the 22nd in New York
    assert counts(database, "America/New_York", "day", "today", "2026-11-23 02:00Z", now=late) == {"2026-11-22": 1}
    assert counts(database, "America/New_York", "day", "last 2 days", now=late) == {"2026-11-20": 0, "2026-11-21": 0}
    assert list(counts(database, "America/New_York", "day", "from 2 days ago to now", now=late)) == [
        "2026-11-20",
        "2026-11-21",
        "2026-11-22",
    ]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_what_json_has_no_number_for_is_null(database: psycopg.Connection, value: str) -> None:
    database.execute("insert into samples (ratio, amount) values (%s, 'NaN')", (value,))
    measures = [{"name": kind, "type": kind, "field": "ratio"} for kind in ("sum", "avg", "min", "max")]
    config = {"source": "samples", "measures": [*measures, {"name": "exact", "type": "max", "field": "amount"}]}
    ((result,),) = database.execute("select generate_chart_data(%s)", (Jsonb(config),)).fetchall()
    assert result["rows"] == [{"sum": None, "avg": None, "min": None, "max": None, "exact": None}]
