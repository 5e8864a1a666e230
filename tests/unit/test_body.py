import json
from typing import Any

import pytest

from essearch.query import SearchQuery
from petition.errors import InvalidJson, InvalidRequest
from petition.http.request import HttpRequest


def read_query(url_query: str = "", body: object = None) -> SearchQuery:
    event: Any = {
        "headers": {"content-type": "application/json"},
        "rawQueryString": url_query,
        "body": None if body is None else json.dumps(body),
    }
    return HttpRequest(event).read_as(SearchQuery, in_query=True)


def test_the_body_wins_where_it_has_a_value() -> None:
    query = read_query("lastName=Lee&city=Nowhere&limit=5", {"lastName": "Park", "limit": 7})
    assert (query.last_name, query.city, query.limit) == ("Park", "Nowhere", 7)


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_the_query_string_counts_where_the_body_has_none(blank: str | None) -> None:
    query = read_query("lastName=Lee&limit=5", {"lastName": blank, "limit": blank})
    assert (query.last_name, query.limit) == ("Lee", 5)


@pytest.mark.parametrize("name", SearchQuery.__struct_encode_fields__)
def test_null_is_no_value(name: str) -> None:
    other = "zip" if name != "zip" else "city"
    assert read_query(body={name: None, other: "1"}) == read_query(body={other: "1"})


def test_nothing_at_all_is_no_request() -> None:
    with pytest.raises(InvalidJson):
        read_query()
    with pytest.raises(InvalidRequest):
        read_query("", {"lastName": None})
    with pytest.raises(InvalidRequest):
        read_query("lastName=Lee", {"lastname": None})
