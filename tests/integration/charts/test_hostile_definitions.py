"""The database refuses by itself what the model refuses, and what only the catalogue can tell."""

import json
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from psycopg.types.json import Jsonb

from tests.integration.charts.hostile import BASE, HOSTILE, INJECTIONS, with_value_at
from tests.thoroughness import times

Config = dict[str, Any]


def refusal(database: psycopg.Connection, config: Config) -> psycopg.errors.Diagnostic:
    with pytest.raises(psycopg.Error) as caught:
        database.execute("select generate_chart_data(%s)", (Jsonb(config),))
    assert caught.value.sqlstate in {"PT422", "PT409"}, caught.value
    return caught.value.diag


@settings(max_examples=times(2500), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(config=HOSTILE)
def test_a_hostile_definition_is_refused_without_a_word_of_it(database: psycopg.Connection, config: Config) -> None:
    error = refusal(database, config)
    text = f"{error.message_primary} {error.message_detail}"
    assert "pg_sleep" not in text
    assert not any(injection in text for injection in INJECTIONS if len(injection) > 10)


@pytest.mark.parametrize(
    "source", ["charts", "pg_user", "pg_authid", "users", "memberships", "pg_stat_activity", "Samples"]
)
def test_only_views_of_the_one_schema_are_sources(database: psycopg.Connection, source: str) -> None:
    assert refusal(database, BASE | {"source": source}).message_detail == "source"


def test_a_table_is_no_source_even_in_the_one_schema(own_database: psycopg.Connection) -> None:
    own_database.execute("create table chart_sources.secrets (at timestamptz, place text, size integer, day date)")
    assert refusal(own_database, BASE | {"source": "secrets"}).message_detail == "source"


@pytest.mark.parametrize(
    "kind", ["text", "jsonb", "uuid[]", "bytea", "public.words", "xml", "public.kind", "int4range"]
)
def test_a_source_whose_campaigns_cannot_be_told_apart_is_refused(own_database: psycopg.Connection, kind: str) -> None:
    own_database.execute("create domain public.words as text")
    own_database.execute(f"create view chart_sources.loose as select null::{kind} as campaign_id, 1 as size")
    config = {"source": "loose", "measures": [{"name": "n", "type": "count"}]}
    assert refusal(own_database, config).message_detail == "source"


def test_a_domain_is_what_it_is_made_of_however_deep(own_database: psycopg.Connection) -> None:
    own_database.execute("create domain public.id as uuid")
    own_database.execute("create domain public.campaign as public.id")
    own_database.execute("create domain public.people as integer")
    own_database.execute("create domain public.visitors as public.people")
    own_database.execute("create table deep (campaign_id public.campaign, n public.visitors)")
    own_database.execute("create view chart_sources.deep as select * from deep")
    one, two = uuid4(), uuid4()
    own_database.execute("insert into deep values (%s, 1), (%s, 2)", (one, two))
    config = {"source": "deep", "measures": [{"name": "n", "type": "sum", "field": "n"}]}
    ((result,),) = own_database.execute("select generate_chart_data(%s, now(), %s)", (Jsonb(config), two)).fetchall()
    assert result["rows"] == [{"n": 2}]


WHOLE = '{"dimension": "place", "limit": 3}'


@pytest.mark.parametrize("limit", ["10.0", "3.5", "0", "1e3", "101"])
def test_a_limit_is_a_whole_number_and_written_as_one(database: psycopg.Connection, limit: str) -> None:
    config = json.dumps(BASE).replace(WHOLE, WHOLE.replace("3", limit))
    assert limit in config
    with pytest.raises(psycopg.Error) as caught:
        database.execute("select generate_chart_data(%s::jsonb)", (config,))
    assert (caught.value.sqlstate, caught.value.diag.message_detail) == ("PT422", "dimensions.0.limit")


@pytest.mark.parametrize("column", ["ctid", "xmin", "tableoid", "hidden", "Place", "nothing"])
@pytest.mark.parametrize(
    "place", [("dimensions", 0, "dimension"), ("filters", 0, "member"), ("timeDimension", "dimension")]
)
def test_only_columns_that_can_be_drawn_are_fields(
    database: psycopg.Connection, column: str, place: tuple[str | int, ...]
) -> None:
    assert refusal(database, with_value_at(place, column)).message_detail == ".".join(map(str, place))


@pytest.mark.parametrize(
    ("member", "operator", "values"),
    [
        ("size", "contains", ["1"]),
        ("size", "equals", ["1"]),
        ("place", "gt", [1]),
        ("place", "equals", [1]),
        ("checked", "equals", ["true"]),
        ("ref", "equals", ["1"]),
        ("at", "gt", [1]),
        ("at", "equals", [1]),
        ("at", "equals", ["someday"]),
        ("day", "contains", ["2026"]),
        ("day", "inDateRange", ["last 3 hours"]),
    ],
)
def test_a_filter_takes_what_its_field_can_be_compared_with(
    database: psycopg.Connection, member: str, operator: str, values: list[Any]
) -> None:
    config = BASE | {"filters": [{"member": member, "operator": operator, "values": values}]}
    assert str(refusal(database, config).message_detail).startswith("filters.0")


def test_too_many_buckets_are_refused_before_they_are_made(database: psycopg.Connection) -> None:
    time = {"dimension": "at", "granularity": "hour", "dateRange": ["1970-01-01", "2099-12-31"]}
    assert refusal(database, BASE | {"timeDimension": time}).message_detail == "timeDimension"


def matches(operator: str, value: str, text: str) -> bool:
    match operator:
        case "equals":
            return value == text
        case "notEquals":
            return value != text
        case "contains":
            return text.lower() in value.lower()
    return value.lower().startswith(text.lower())


@pytest.mark.parametrize("operator", ["equals", "notEquals", "contains", "startsWith"])
def test_a_value_is_a_value_whatever_it_looks_like(database: psycopg.Connection, operator: str) -> None:
    database.execute("insert into samples (at, place) select now(), unnest(%s::text[])", (list(INJECTIONS),))
    for text in filter(str.isprintable, INJECTIONS):
        condition = {"member": "place", "operator": operator, "values": [text]}
        config = {"source": "samples", "measures": [{"name": "n", "type": "count"}], "filters": [condition]}
        ((result,),) = database.execute("select generate_chart_data(%s)", (Jsonb(config),)).fetchall()
        assert result["rows"] == [{"n": sum(matches(operator, value, text) for value in INJECTIONS)}]
