"""Which values a dimension keeps, what the rest is called, and where it lies, each by hand."""

from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

N = {"name": "n", "type": "count"}


def rows(database: psycopg.Connection, places: str, dimension: dict[str, Any], **more: Any) -> list[tuple[str, int]]:  # noqa: ANN401  # settings of a definition
    """Categories with their counts; of `places` each letter is a row, "-" one without a place."""
    listed = [{"-": None, "O": "Other", "N": "(none)"}.get(place, place) for place in places]
    database.execute("insert into samples (place) select unnest(%s::text[])", (listed,))
    config = {"source": "samples", "measures": [N], "dimensions": [{"dimension": "place"} | dimension]} | more
    ((result,),) = database.execute("select generate_chart_data(%s)", (Jsonb(config),)).fetchall()
    return [(row["place"], row["n"]) for row in result["rows"]]


def test_the_largest_are_kept_and_the_rest_is_other(database: psycopg.Connection) -> None:
    assert rows(database, "abbcccddddd", {"limit": 2}) == [("d", 5), ("c", 3), ("Other", 3)]


def test_of_two_alike_the_one_that_is_first_by_name_is_kept(database: psycopg.Connection) -> None:
    assert rows(database, "bbaacc", {"limit": 2, "other": False}) == [("a", 2), ("b", 2)]


@pytest.mark.parametrize("member", ["n", "place"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_other_is_last_in_any_order(database: psycopg.Connection, member: str, direction: str) -> None:
    found = rows(database, "abccddd", {"limit": 2}, order=[{"member": member, "direction": direction}])
    assert found[-1] == ("Other", 2)
    assert found[:-1] == sorted(found[:-1], key=lambda row: row[1], reverse=direction == "desc")


def test_what_has_no_value_is_a_category_of_its_own(database: psycopg.Connection) -> None:
    assert rows(database, "a--", {}) == [("(none)", 2), ("a", 1)]


def test_a_value_that_is_called_as_the_rest_is_told_from_it(database: psycopg.Connection) -> None:
    assert rows(database, "OOOab", {"limit": 1}) == [("Other", 3), ("Other (rest)", 2)]
    database.execute("delete from samples")
    assert rows(database, "NNN--", {}) == [("(none)", 3), ("(no value)", 2)]


def test_the_rest_and_what_is_missing_get_a_name_that_no_value_has(database: psycopg.Connection) -> None:
    database.execute("insert into samples (place) values ('Other (rest)'), ('Other (rest)'), ('Other (rest 2)')")
    assert rows(database, "OOOab", {"limit": 2}) == [("Other", 3), ("Other (rest)", 2), ("Other (rest 2)", 3)]
    assert rows(database, "", {"limit": 3})[-1] == ("Other (rest 3)", 2)
    database.execute("delete from samples")
    database.execute("insert into samples (place) values ('(no value)'), ('(no value)')")
    assert rows(database, "NNN-", {}) == [("(none)", 3), ("(no value)", 2), ("(no value 2)", 1)]


def test_an_empty_source_has_no_categories(database: psycopg.Connection) -> None:
    assert rows(database, "", {}) == []
