"""What a result says about its numbers, and how unknown settings are refused."""

from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

COUNT: dict[str, Any] = {"name": "n", "type": "count"}


def generate(database: psycopg.Connection, **config: object) -> dict[str, Any]:
    query = "select generate_chart_data(%s)"
    given = {"source": "samples", "measures": [COUNT]} | config
    ((result,),) = database.execute(query, (Jsonb(given),)).fetchall()
    return result  # type: ignore[no-any-return]  # JSON


def refusal(database: psycopg.Connection, **config: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        generate(database, **config)
    assert caught.value.sqlstate == "PT422"
    return caught.value.diag.message_detail, caught.value.diag.message_primary


def test_a_series_says_of_what_type_it_is_and_how_its_numbers_are_written(database: psycopg.Connection) -> None:
    euros = {"style": "currency", "currency": "EUR", "decimals": 0}
    measures = [COUNT, {"name": "share", "type": "avg", "field": "ratio", "format": "percent"},
                {"name": "cost", "type": "sum", "field": "amount", "format": euros}]  # fmt: skip
    series = generate(database, measures=measures, target={"value": 1})["series"]
    assert [(each.get("type"), each.get("format")) for each in series] == [
        ("count", None),
        ("avg", {"style": "percent"}),
        ("sum", euros),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("number_format", "place"),
    [
        ("euros", ""),
        (5, ""),
        ({}, ".style"),
        ({"style": "euros"}, ".style"),
        ({"style": "number", "decimals": 7}, ".decimals"),
        ({"style": "currency", "currency": "euro"}, ".currency"),
        ({"style": "number", "grouping": "no"}, ".grouping"),
        ({"style": "number", "digits": 2}, ".digits"),
    ],
)
def test_a_wrong_format_is_refused(database: psycopg.Connection, number_format: object, place: str) -> None:
    assert refusal(database, measures=[COUNT | {"format": number_format}])[0] == f"measures.0.format{place}"


@pytest.mark.parametrize(
    ("change", "place", "known"),
    [
        ({"titel": "Signatures"}, "titel", "source, measures"),
        ({"measures": None, "measure": []}, "measure", "source, measures"),
        ({"measures": [COUNT | {"titel": "N"}]}, "measures.0.titel", "name, type"),
        ({"filters": [{"member": "size", "operator": "set", "value": 1}]}, "filters.0.value", "member, operator"),
        ({"t" * 200: 1}, "t" * 100, "source"),
    ],
)
def test_an_unknown_setting_is_named_where_it_stands(
    database: psycopg.Connection, change: dict[str, object], place: str, known: str
) -> None:
    where, sentence = refusal(database, **change)
    assert where == place
    assert str(sentence).startswith(f"There is no setting of this name here. Known are: {known}")
