"""A chart definition is read, or refused with a sentence for each mistake."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from charts.parsing import parse_definition
from charts.schema import schema
from petition.errors import InvalidChart
from tests.integration.charts.hostile import BASE, HOSTILE, INJECTIONS
from tests.thoroughness import times

ROOT = Path(__file__).parents[2]
Config = dict[str, Any]


def refusal(config: object) -> dict[str, str]:
    with pytest.raises(InvalidChart) as caught:
        parse_definition(config)
    return {detail.field: detail.message for detail in caught.value.details}


def test_the_base_of_the_hostile_definitions_is_valid_itself() -> None:
    assert parse_definition(BASE).axis == "at"


@settings(max_examples=times(2500), deadline=None)
@given(config=HOSTILE)
def test_a_hostile_definition_is_refused_without_a_word_of_it(config: Config) -> None:
    messages = json.dumps(refusal(config))
    assert "pg_sleep" not in messages
    assert not any(injection in messages for injection in INJECTIONS if len(injection) > 10)
    assert " should " not in messages, "a sentence of pydantic's own"


@pytest.mark.parametrize("config", [None, [], "select 1", 1, True])
def test_what_is_no_object_is_refused(config: object) -> None:
    assert refusal(config) == {"": "Must be an object"}


def test_every_mistake_is_told_at_its_place() -> None:
    messages = refusal(
        {
            "measures": [
                {"name": "n", "type": "count"},
                {"name": "people", "type": "median"},
                {"name": "age", "type": "avg"},
            ],
            "filters": [{"or": [{"member": "county", "operator": "equals", "values": [None]}]}],
            "limit": 0,
        }
    )
    assert set(messages) == {"source", "measures.1", "measures.2.field", "filters.0.or.0.values.0", "limit"}


@pytest.mark.parametrize(
    ("date_range", "messages"),
    [
        (["2026-02-30", "2026-03-01"], {"timeDimension.dateRange.0": "Must be a date of 1970 to 2099 as YYYY-MM-DD"}),
        (["2026-03-02", "2026-03-01"], {"timeDimension.dateRange": "The earlier date comes first"}),
    ],
)
def test_a_date_range_is_told_of_as_the_kind_that_it_is(date_range: list[str], messages: dict[str, str]) -> None:
    assert refusal(BASE | {"timeDimension": {"dimension": "at", "dateRange": date_range}, "order": []}) == messages


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"measures": [{"name": "n", "type": "count", "field": "size"}]}, "measures.0.field"),
        (
            {"measures": [{"name": "n", "type": "avg", "field": "size", "runningTotal": True}]},
            "measures.0.runningTotal",
        ),
        ({"measures": [{"name": "at", "type": "count"}], "order": []}, ""),
        ({"measures": [{"name": "target", "type": "count"}], "order": []}, ""),
        ({"measures": [{"name": "n__1", "type": "count"}], "order": []}, ""),
        ({"measures": [{"name": "n", "type": "count"}, {"name": "n", "type": "count"}]}, ""),
        ({"measures": [{"name": "n", "type": "count", "runningTotal": True}]}, ""),
        ({"timeDimension": {"dimension": "at"}}, "timeDimension"),
        ({"timeDimension": {"dimension": "at", "granularity": "day", "compare": "previousPeriod"}}, "timeDimension"),
        ({"timeDimension": {"dimension": "target", "granularity": "day"}, "order": []}, ""),
        ({"timeDimension": {"dimension": "n__1", "granularity": "day"}}, ""),
        ({"timeDimension": None, "dimensions": [{"dimension": "target"}], "order": []}, ""),
        ({"filters": [{"member": "size", "operator": "gt", "values": [-1e-31]}]}, "filters.0.values.0"),
        ({"filters": [{"member": "at", "operator": "inDateRange", "values": "last 30 days"}]}, "filters.0.values"),
        ({"dimensions": [{"dimension": "place"}, {"dimension": "place"}]}, ""),
        ({"order": [{"member": "place"}]}, ""),
        ({"target": {"value": 1, "from": "campaignGoal"}}, "target.value"),
        ({"target": {"value": float("nan")}}, "target.value"),
        ({"limit": True}, "limit"),
        ({"timezone": "America/Nowhere"}, "timezone"),
    ],
)
def test_what_contradicts_itself_is_refused(change: Config, place: str) -> None:
    assert list(refusal(BASE | change)) == [place]


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        ({"measures": []}, "measures", "Must hold 1 or more"),
        ({"measures": "n"}, "measures", "Must be a list"),
        ({"dimensions": [{"dimension": name} for name in "abc"]}, "dimensions", "Must hold 2 or fewer"),
        ({"dimensions": [{"dimension": "place", "other": "no"}]}, "dimensions.0.other", "Must be true or false"),
        ({"order": [{"member": "n", "direction": "up"}]}, "order.0.direction", "Must be 'asc' or 'desc'"),
        ({"limit": 0}, "limit", "Must be 1 or more"),
        ({"limit": 10_001}, "limit", "Must be 10000 or less"),
        ({"limit": "10"}, "limit", "Must be a whole number"),
        ({"source": 1}, "source", "Must be text"),
        ({"source": "\ud800"}, "source", "Must be text"),
        (
            {"measures": [{"name": "n", "type": "avg", "field": "size", "runningTotal": "x"}]},
            "measures.0.runningTotal",
            "Must be false",
        ),
        ({"target": {"value": float("inf")}}, "target.value", "Must be a number"),
        ({"target": {"value": 1, "title": ""}}, "target.title", "Must not be empty"),
        ({"target": {"value": 1, "title": "x" * 101}}, "target.title", "Must have 100 characters or fewer"),
    ],
)
def test_a_mistake_is_told_in_plain_words(change: Config, place: str, words: str) -> None:
    assert refusal(BASE | change) == {place: words}


def test_a_definition_may_have_as_many_characters_in_any_script() -> None:
    values = ["雪" * 490] * 30
    config = BASE | {"filters": [{"member": "place", "operator": "equals", "values": values}]}
    assert len(json.dumps(config, ensure_ascii=False)) < 16_384 < len(json.dumps(config))
    parse_definition(config)
    assert refusal(config | {"filters": [config["filters"][0] | {"values": values * 2}]}) == {
        "": "A definition holds at most 16384 characters, 16 levels deep"
    }


def test_a_definition_that_is_deeper_than_any_stack_is_refused() -> None:
    config: Any = {}
    for _ in range(100_000):
        config = {"and": [config]}
    assert refusal(config)
    while config:  # taken apart by hand: so is its deallocation
        (config,) = config["and"]


def test_the_exported_schema_is_that_of_the_model() -> None:
    exported = (ROOT / "docs/chart-definition.schema.json").read_text()
    assert exported == schema(), "stale: run  python -m charts.schema > docs/chart-definition.schema.json"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"titel": "Signatures"}, "titel"),
        ({"measure": []}, "measure"),
        ({"measures": [{"name": "n", "type": "count", "titel": "N"}]}, "measures.0.titel"),
        ({"timeDimension": {"dimension": "at", "granularity": "day", "range": "today"}}, "timeDimension.range"),
        ({"filters": [{"and": [{"member": "a", "operator": "set", "value": 1}]}]}, "filters.0.and.0.value"),
        ({"t" * 200: 1}, "t" * 100),
    ],
)
def test_an_unknown_setting_is_named_where_it_stands(change: Config, place: str) -> None:
    assert refusal(BASE | change) == {place: "Is not a setting here"}


@pytest.mark.parametrize(
    "number_format",
    ["percent", {"style": "currency", "currency": "EUR", "decimals": 0}, {"style": "number", "grouping": False}],
)
def test_a_measure_says_how_its_numbers_are_written(number_format: object) -> None:
    parse_definition(BASE | {"measures": [{"name": "n", "type": "count", "format": number_format}]})


@pytest.mark.parametrize(
    ("number_format", "place", "message"),
    [
        ("euros", "", "Must be 'number', 'percent' or 'currency'"),
        ({"style": "euros"}, ".style", "Must be 'number', 'percent' or 'currency'"),
        ({}, ".style", "Is required"),
        (
            {"style": "currency", "currency": "euro"},
            ".currency",
            "Must be a currency's code of three letters, such as USD",
        ),
        ({"style": "number", "decimals": 7}, ".decimals", "Must be 6 or less"),
        ({"style": "number", "digits": 2}, ".digits", "Is not a setting here"),
    ],
)
def test_a_wrong_format_is_refused(number_format: object, place: str, message: str) -> None:
    messages = refusal(BASE | {"measures": [{"name": "n", "type": "count", "format": number_format}]})
    assert messages == {f"measures.0.format{place}": message}
