"""A definition may name the IANA's time zones; whatever else PostgreSQL would accept is refused."""

import zoneinfo

import psycopg
import pytest
from psycopg.types.json import Jsonb

from charts.parsing import parse_definition
from petition.errors import InvalidChart

N = {"name": "n", "type": "count"}
DAY = {"dimension": "at", "granularity": "hour", "dateRange": ["2026-07-01", "2026-07-01"]}


def config(zone: str) -> dict[str, object]:
    return {"source": "samples", "timezone": zone, "measures": [N], "timeDimension": DAY}


def first_hour(database: psycopg.Connection, zone: str) -> str:
    parse_definition(config(zone))
    ((rows,),) = database.execute("select generate_chart_data(%s)->'rows'", (Jsonb(config(zone)),)).fetchall()
    return str(rows[0]["at"])


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Etc/GMT-14", "2026-07-01T00:00:00+14:00"),
        ("Etc/GMT-13", "2026-07-01T00:00:00+13:00"),
        ("Etc/GMT+12", "2026-07-01T00:00:00-12:00"),
        ("GMT", "2026-07-01T00:00:00+00:00"),
        ("Japan", "2026-07-01T00:00:00+09:00"),
        ("EST5EDT", "2026-07-01T00:00:00-04:00"),
        ("EST", "2026-07-01T00:00:00-05:00"),
        # PostgreSQL reads these as abbreviations, which have no summer time
        ("CET", "2026-07-01T00:00:00+02:00"),
        ("MET", "2026-07-01T00:00:00+02:00"),
        ("EET", "2026-07-01T00:00:00+03:00"),
        ("WET", "2026-07-01T00:00:00+01:00"),
    ],
)
def test_a_zone_may_have_any_name_that_the_iana_gave_it(database: psycopg.Connection, zone: str, first: str) -> None:
    assert first_hour(database, zone) == first


def test_both_checks_take_every_zone_of_the_database(database: psycopg.Connection) -> None:
    named = "select name from pg_timezone_names where name ~ '^[A-Z]'"
    zones = {name for (name,) in database.execute(named)} & zoneinfo.available_timezones()
    assert len(zones) > 400
    for zone in zones:
        parse_definition(config(zone))
        database.execute("select chart_engine.check_zone(%s)", (Jsonb(zone),))


@pytest.mark.parametrize(
    "zone",
    [
        "posix/UTC", "right/UTC", "localtime", "posixrules", "utc", "PDT", "CEST", "Nowhere3", "EST5EDT4", "UTC+1",
        "<A>1", "+05:00", "Etc/GMT+13", "Etc/GMT-15", "GMT+1", "Foo/Bar3", "America/New_York3",
        "EST5EDT,M3.2.0,M11.1.0",
        "", "Etc", "America", "../UTC", "America/../UTC",
    ],
)  # fmt: skip
def test_what_is_no_name_of_a_zone_is_refused_by_both(database: psycopg.Connection, zone: str) -> None:
    with pytest.raises(InvalidChart):
        parse_definition(config(zone))
    with pytest.raises(psycopg.Error) as caught:
        database.execute("select chart_engine.check_zone(%s)", (Jsonb(zone),))
    assert (caught.value.sqlstate, caught.value.diag.message_detail) == ("PT422", "timezone")
