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


def test_an_hour_that_comes_twice_is_the_one_in_which_a_row_lies(database: psycopg.Connection) -> None:
    assert counts(database, "Antarctica/Troll", "hour", None, "2026-10-25 01:30Z") == {"2026-10-25T01:00:00+00:00": 1}
    database.execute("delete from samples")
    assert counts(database, "America/New_York", "hour", None, "2026-11-01 06:30Z") == {"2026-11-01T01:00:00-05:00": 1}


def test_hours_of_which_one_is_longer_lose_no_row(database: psycopg.Connection) -> None:
    moments = [f"2026-04-0{day} {hour:02}:{minute}Z" for day in (4, 5) for hour in range(24) for minute in (10, 40)]
    found = counts(database, "Australia/Lord_Howe", "hour", None, *moments)
    assert sum(count or 0 for count in found.values()) == len(moments)
    assert set(found.values()) == {1, 2, 3}


def test_a_day_that_comes_twice_begins_with_the_first_and_keeps_its_rows(database: psycopg.Connection) -> None:
    moments = ("2010-11-06 12:00Z", "2010-11-07 02:45Z")  # clocks went from 00:01 back to 23:01
    assert counts(database, "America/St_Johns", "day", None, *moments) == {"2010-11-06": 1, "2010-11-07": 1}
    database.execute("delete from samples")
    assert counts(database, "America/St_Johns", "day", None, moments[1]) == {"2010-11-07": 1}


@pytest.mark.parametrize("granularity", ["hour", "day", "week", "month", "quarter", "year"])
@pytest.mark.parametrize("zone", ["UTC", "America/St_Johns", "Antarctica/Troll", "Asia/Kathmandu", "America/Havana"])
def test_without_a_range_the_buckets_go_from_the_first_row_to_the_last(
    database: psycopg.Connection, granularity: str, zone: str
) -> None:
    moments = ["2026-10-25 00:59:59Z", "2026-10-25 01:30Z", "2026-11-01 04:30Z", "2026-11-01 05:00Z"]
    found = list(counts(database, zone, granularity, None, *moments).values())
    assert sum(count or 0 for count in found) == len(moments)
    assert found[0]
    assert found[-1]


@pytest.mark.parametrize(
    ("clock", "zone", "instant"),
    [
        ("2026-03-08 02:15", "America/New_York", "2026-03-08 07:00Z"),
        ("2026-03-08 02:45", "America/New_York", "2026-03-08 07:00Z"),
        ("2026-03-08 03:00", "America/New_York", "2026-03-08 07:00Z"),
        ("2026-11-01 01:30", "America/New_York", "2026-11-01 05:30Z"),
        ("2026-10-25 02:30", "Antarctica/Troll", "2026-10-25 00:30Z"),
        ("2010-11-07 00:00", "America/St_Johns", "2010-11-07 02:30Z"),
        ("2010-11-07 00:30", "America/St_Johns", "2010-11-07 04:00Z"),
        ("2011-12-30 12:00", "Pacific/Apia", "2011-12-30 10:00Z"),
        ("2010-03-14 00:30", "America/St_Johns", "2010-03-14 03:31Z"),
    ],
)
def test_a_local_time_is_the_first_instant_that_shows_it_or_a_later_one(
    database: psycopg.Connection, clock: str, zone: str, instant: str
) -> None:
    query = "select chart_engine.instant(%s, %s) = %s::timestamptz"
    assert database.execute(query, (clock, zone, instant)).fetchone() == (True,)


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


@pytest.mark.parametrize("date_range", [["2011-12-29", "2011-12-31"], None])
def test_a_date_that_a_zone_skipped_is_a_date_all_the_same(
    database: psycopg.Connection, date_range: list[str] | None
) -> None:
    database.execute("insert into samples (day) values ('2011-12-29'), ('2011-12-30'), ('2011-12-30'), ('2011-12-31')")
    config = {
        "source": "samples",
        "timezone": "Pacific/Apia",
        "measures": [{"name": "n", "type": "count"}],
        "timeDimension": {"dimension": "day", "granularity": "day", "dateRange": date_range},
    }
    ((result,),) = database.execute("select generate_chart_data(%s, %s)", (Jsonb(config), NOW)).fetchall()
    assert [row["n"] for row in result["rows"]] == [1, 2, 1]
    assert result["range"] == {"from": "2011-12-29T10:00:00+00:00", "to": "2011-12-31T10:00:00+00:00"}


def test_a_date_begins_when_the_clocks_of_the_zone_show_it(database: psycopg.Connection) -> None:
    config = {
        "source": "samples",
        "timezone": "America/New_York",
        "measures": [{"name": "n", "type": "count"}],
        "timeDimension": {"dimension": "day", "granularity": "day", "dateRange": "from 1 day ago to now"},
    }
    late = datetime(2026, 11, 23, 3, tzinfo=UTC)  # still the 22nd in New York
    ((result,),) = database.execute("select generate_chart_data(%s, %s)", (Jsonb(config), late)).fetchall()
    assert [row["day"] for row in result["rows"]] == ["2026-11-21", "2026-11-22"]
    assert [row["n"] for row in result["rows"]] == [0, 0]
    assert result["range"] == {"from": "2026-11-21T05:00:00+00:00", "to": "2026-11-23T05:00:00+00:00"}


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


def refusal(database: psycopg.Connection, **config: object) -> str | None:
    given = {"source": "samples", "measures": [{"name": "n", "type": "count"}]} | config
    with pytest.raises(psycopg.Error) as caught:
        database.execute("select generate_chart_data(%s, %s)", (Jsonb(given), NOW))
    assert caught.value.sqlstate == "PT422"
    return caught.value.diag.message_detail


@pytest.mark.parametrize(
    "words",
    ["last 3400 years", "from 9999 years ago to now", "last 9999 quarters", "last 57 years", "last 9999 months"],
)
@pytest.mark.parametrize("compare", [{}, {"compare": "previousPeriod"}])
def test_a_range_in_words_lies_in_the_years_that_dates_may_have(
    database: psycopg.Connection, words: str, compare: dict[str, str]
) -> None:
    time = {"dimension": "at", "granularity": "year", "dateRange": words} | compare
    assert refusal(database, timeDimension=time) == "timeDimension.dateRange"
    condition = {"member": "at", "operator": "inDateRange", "values": [words]}
    assert refusal(database, filters=[condition]) == "filters.0.values"


@pytest.mark.parametrize("words", ["last 56 years", "from 56 years ago to now", "last 9999 hours", "last 9999 days"])
def test_a_long_range_that_lies_in_them_is_drawn(database: psycopg.Connection, words: str) -> None:
    assert counts(database, "UTC", "year", words, "2020-01-01Z", now=datetime(2026, 11, 22, 18, tzinfo=UTC))


@pytest.mark.parametrize("wanted", ["2026-03-01T18:30", "2026-03-01T00:00", "2026-03-01 18:30:00", "2026-03-01T18:30Z"])
@pytest.mark.parametrize("operator", ["gt", "gte", "lt", "lte", "equals", "notEquals"])
def test_a_date_is_compared_with_dates_and_no_time_of_day(
    database: psycopg.Connection, wanted: str, operator: str
) -> None:
    condition = {"member": "day", "operator": operator, "values": [wanted]}
    assert refusal(database, filters=[condition]) == "filters.0.values.0"


@pytest.mark.parametrize(
    ("member", "operator", "values", "count"),
    [
        ("day", "equals", ["2026-03-01", "2026-03-02"], 2),
        ("day", "equals", ["2026-03-03"], 0),
        ("day", "notEquals", ["2026-03-01", "2026-03-02"], 1),
        ("at", "equals", ["2026-03-01T18:30Z"], 1),
        ("at", "equals", ["2026-03-01T13:30", "2026-03-02"], 2),
        ("at", "notEquals", ["2026-03-01T18:30Z"], 2),
        ("clock", "equals", ["2026-03-01T18:30Z"], 1),
    ],
)
def test_dates_and_moments_can_be_equal(
    database: psycopg.Connection, member: str, operator: str, values: list[str], count: int
) -> None:
    database.execute(
        "insert into samples (day, at, clock) values ('2026-03-01', '2026-03-01 18:30Z', '2026-03-01 18:30'),"
        " ('2026-03-02', '2026-03-02 05:00Z', '2026-03-02 05:00'), (null, null, null)"
    )
    config = {
        "source": "samples",
        "timezone": "America/New_York",
        "measures": [{"name": "n", "type": "count"}],
        "filters": [{"member": member, "operator": operator, "values": values}],
    }
    ((result,),) = database.execute("select generate_chart_data(%s)", (Jsonb(config),)).fetchall()
    assert result["rows"] == [{"n": count}]
