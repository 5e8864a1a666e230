"""Inexact numbers, and values that are not numbers at all, each by hand."""

import json

import psycopg
import pytest

from tests.integration.charts.conftest import Draw, draw_rows

N = {"name": "n", "type": "count"}


def weigh(database: psycopg.Connection, *weights: str) -> None:
    database.execute("insert into samples (weight) select unnest(%s::real[])", (list(weights),))


def test_a_single_precision_column_is_added_up_in_double_precision(database: psycopg.Connection, draw: Draw) -> None:
    weigh(database, "16777216", "1", "1", "1")
    measures = [{"name": kind, "type": kind, "field": "weight"} for kind in ("sum", "max", "min", "avg")]
    assert draw(measures=measures) == [{"sum": 16777219, "max": 16777216, "min": 1, "avg": 4194304.75}]
    assert draw(measures=measures, dimensions=[{"dimension": "place"}])[0]["sum"] == 16777219


@pytest.mark.parametrize(
    ("operator", "value", "count"), [("equals", 0.1, 1), ("notEquals", 0.1, 1), ("gt", 0.1, 1), ("lte", 0.1, 1)]
)
def test_a_single_precision_column_is_compared_as_it_is_written(
    database: psycopg.Connection, draw: Draw, operator: str, value: float, count: int
) -> None:
    weigh(database, "0.1", "16777217")
    assert draw(measures=[N], filters=[{"member": "weight", "operator": operator, "values": [value]}]) == [{"n": count}]


@pytest.mark.parametrize("kind", ["sum", "avg"])
@pytest.mark.parametrize("dimensions", [[], [{"dimension": "place"}]], ids=["as a whole", "by place"])
def test_what_is_too_large_to_be_added_up_is_null(
    database: psycopg.Connection, draw: Draw, kind: str, dimensions: list[dict[str, str]]
) -> None:
    database.execute("insert into samples (at, ratio) values (now(), 1.7e308), (now() - interval '1 day', 1.7e308)")
    time = {"dimension": "at", "granularity": "day"}
    for config in ({}, {"dimensions": dimensions}, {"dimensions": dimensions, "timeDimension": time}):
        rows = draw(measures=[{"name": "x", "type": kind, "field": "ratio"}], **config)
        assert {value for row in rows for field, value in row.items() if field.startswith("x")} == {None}


def test_what_a_chart_library_reads_as_infinite_is_null(own_database: psycopg.Connection) -> None:
    own_database.execute(
        "alter table samples add long numeric; create view chart_sources.longs as select long from samples"
    )
    own_database.execute("insert into samples (long) values (1e400)")
    measures = [{"name": "x", "type": "max", "field": "long"}]
    assert draw_rows(own_database, source="longs", measures=measures) == [{"x": None}]


def test_a_running_total_is_unknown_after_a_sum_that_is_no_number(database: psycopg.Connection, draw: Draw) -> None:
    database.execute(
        "insert into samples (day, ratio) values ('2026-01-01', 1), ('2026-01-02', 'NaN'), ('2026-01-03', 2)"
    )
    time = {"dimension": "day", "granularity": "day", "dateRange": ["2026-01-01", "2026-01-03"]}
    measures = [{"name": "x", "type": "sum", "field": "ratio", "runningTotal": True}]
    assert [row["x"] for row in draw(measures=measures, timeDimension=time)] == [1, None, None]
    later = time | {"dateRange": ["2026-01-04", "2026-01-06"], "compare": "previousPeriod"}
    assert [row["x__previous"] for row in draw(measures=measures, timeDimension=later)] == [1, None, None]


@pytest.mark.parametrize("number", ["1e-400", "-1e-400", "1e-31"])
@pytest.mark.parametrize("member", ["ratio", "weight", "amount", "size"])
def test_a_number_that_is_next_to_nothing_is_refused(database: psycopg.Connection, number: str, member: str) -> None:
    condition = {"member": member, "operator": "gt", "values": ["number"]}
    config = json.dumps({"source": "samples", "measures": [N], "filters": [condition]}).replace('"number"', number)
    with pytest.raises(psycopg.Error) as caught:
        database.execute("select generate_chart_data(%s::jsonb)", (config,))
    assert (caught.value.sqlstate, caught.value.diag.message_detail) == ("PT422", "filters.0.values.0")
