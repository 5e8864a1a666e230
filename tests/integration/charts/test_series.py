"""Series beside those of the period before, running totals, and orders by a measure, each by hand."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from tests.integration.charts.conftest import Draw, draw_rows

N = {"name": "n", "type": "count"}
THREE_DAYS = {"dimension": "day", "granularity": "day", "dateRange": ["2026-01-04", "2026-01-06"]}
COMPARED = THREE_DAYS | {"compare": "previousPeriod"}


def insert(database: psycopg.Connection, *rows: tuple[str, str]) -> None:
    with database.cursor() as cursor:
        cursor.executemany("insert into samples (day, place) values (%s, %s)", rows)


def test_an_earlier_running_total_counts_the_buckets_that_are_left_out(
    database: psycopg.Connection, draw: Draw
) -> None:
    insert(database, ("2026-01-01", "a"), ("2026-01-02", "a"), ("2026-01-06", "a"))
    rows = draw(measures=[N | {"runningTotal": True}], timeDimension=COMPARED | {"fillMissing": False})
    assert rows == [{"day": "2026-01-06", "day__previous": "2026-01-03", "n": 1, "n__previous": 2}]


@pytest.mark.parametrize("other", [True, False])
@pytest.mark.parametrize("measure", [N, {"name": "n", "type": "countDistinct", "field": "day"}])
def test_values_of_the_period_before_alone_fill_the_places_that_are_left(
    database: psycopg.Connection, draw: Draw, other: bool, measure: dict[str, str]
) -> None:
    days = [f"2026-01-0{day}" for day in (1, 2, 3)]
    insert(database, *((day, "gone") for day in days), *((day, "rare") for day in days[:1]), ("2026-01-04", "new"))
    time = {key: value for key, value in COMPARED.items() if key != "granularity"}
    dimensions = [{"dimension": "place", "limit": 2, "other": other}]
    rows = draw(measures=[measure], timeDimension=time, dimensions=dimensions)
    found = [(row["place"], row["n"], row["n__previous"]) for row in rows]
    assert found == [("new", 1, 0), ("gone", 0, 3)] + [("Other", 0, 1)] * other


def test_a_sum_of_no_values_is_ranked_as_the_zero_that_it_shows(database: psycopg.Connection, draw: Draw) -> None:
    database.execute("insert into samples (place, size) values ('debts', -5), ('nothing', null), ('gains', 5)")
    rows = draw(measures=[{"name": "sum", "type": "sum", "field": "size"}], dimensions=[{"dimension": "place"}])
    assert [(row["place"], row["sum"]) for row in rows] == [("gains", 5), ("nothing", 0), ("debts", -5)]


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_what_has_not_begun_is_last_in_the_order_of_a_measure(
    database: psycopg.Connection, draw: Draw, direction: str
) -> None:
    insert(database, ("2026-01-05", "a"))
    order: list[dict[str, Any]] = [{"member": "n", "direction": direction}]
    now = datetime(2026, 1, 5, 12, tzinfo=UTC)
    values = [row["n"] for row in draw(now, measures=[N], timeDimension=THREE_DAYS, order=order)]
    assert values == ([0, 1, None] if direction == "asc" else [1, 0, None])


@pytest.mark.parametrize("name", ["target", "n__previous", "place__2"])
@pytest.mark.parametrize("axis", ["dimensions.0.dimension", "timeDimension.dimension"])
def test_a_field_of_the_axis_that_the_result_has_another_use_for_is_refused(
    own_database: psycopg.Connection, name: str, axis: str
) -> None:
    own_database.execute("create view chart_sources.named as select day as field from samples")
    own_database.execute(f"alter view chart_sources.named rename column field to {name}")
    config: dict[str, Any] = {"dimensions": [{"dimension": name}]}
    if axis.startswith("time"):
        config = {"timeDimension": {"dimension": name, "granularity": "day"}}
    with pytest.raises(psycopg.Error) as caught:
        draw_rows(own_database, source="named", measures=[N], **config)
    assert (caught.value.sqlstate, caught.value.diag.message_detail) == ("PT422", axis)


def test_a_field_that_names_no_field_of_the_result_may_be_called_anything(own_database: psycopg.Connection) -> None:
    own_database.execute("create view chart_sources.named as select day as target, place, place as a__b from samples")
    insert(own_database, ("2026-01-05", "a"))
    time = {"dimension": "target", "dateRange": ["2026-01-04", "2026-01-06"]}
    dimensions = [{"dimension": "place"}, {"dimension": "a__b"}]
    rows = draw_rows(own_database, source="named", measures=[N], timeDimension=time, dimensions=dimensions)
    assert rows == [{"place": "a", "n__1": 1}]
