import pytest

from essearch.app import ChosenSearchQuery
from essearch.query import SearchQuery
from petition.errors import InvalidRequest
from petition.http.request import validate
from petition.validation import JsonValue


def refused_fields(values: dict[str, JsonValue]) -> list[str]:
    with pytest.raises(InvalidRequest) as caught:
        validate(SearchQuery, values)
    return [detail.field for detail in caught.value.details]


def test_criteria_keep_their_names_on_the_wire() -> None:
    query = validate(SearchQuery, {"firstName": " Ann ", "birthYear": 1980, "limit": 5, "page": 3})
    assert query.criteria == {"firstName": "Ann", "birthYear": 1980}
    assert (query.limit, query.page, query.offset) == (5, 3, 10)


def test_letter_and_accent_are_one_character_as_they_are_stored() -> None:
    assert validate(SearchQuery, {"firstName": "Jose\u0301"}).criteria == {"firstName": "Jos\u00e9"}


def test_limit_and_page_have_their_defaults() -> None:
    query = validate(SearchQuery, {"zip": "01234"})
    assert (query.limit, query.page, query.offset) == (20, 1, 0)


def test_numbers_may_come_as_text_as_in_a_query_string() -> None:
    query = validate(SearchQuery, {"birthYear": "1980", "limit": "100", "page": "2"})
    assert (query.criteria, query.limit, query.page) == ({"birthYear": 1980}, 100, 2)


def test_a_name_is_no_number() -> None:
    assert refused_fields({"firstName": 5}) == ["firstName"]


def test_a_voters_id_may_be_a_number_as_in_a_duplicate_check() -> None:
    assert validate(SearchQuery, {"voterId": 28545200}).criteria == {"voterId": "28545200"}


@pytest.mark.parametrize("value", [True, 1.5, [1]])
def test_a_voters_id_is_text_or_a_whole_number(value: JsonValue) -> None:
    with pytest.raises(InvalidRequest):
        validate(SearchQuery, {"voterId": value})


@pytest.mark.parametrize("blank", ["", "  ", "\u00a0", "\u2003\u3000", None])
def test_a_blank_field_of_a_form_is_no_criterion(blank: JsonValue) -> None:
    assert validate(SearchQuery, {"firstName": blank, "lastName": "Lee", "limit": blank}).criteria == {
        "lastName": "Lee"
    }
    assert refused_fields({"firstName": blank}) == [""]


@pytest.mark.parametrize("blank", ["", " ", None])
def test_a_misspelt_criterion_is_told_although_it_is_blank(blank: JsonValue) -> None:
    assert refused_fields({"lastName": "Lee", "frstName": blank}) == ["frstName"]


@pytest.mark.parametrize("values", [{}, {"limit": 5, "page": 1}, {"query": "\u00a0"}])
def test_a_search_for_nothing_is_refused(values: dict[str, JsonValue]) -> None:
    assert refused_fields(values) == [""]


@pytest.mark.parametrize("name", ["firstname", "first_name", "credentials", "$where", "filter"])
def test_a_misspelt_criterion_does_not_widen_the_search(name: str) -> None:
    assert refused_fields({"lastName": "Lee", name: "Ann"}) == [name]


@pytest.mark.parametrize("value", [True, 1.5, ["a"], {"_eq": "a"}, "a\x00b", "a\nb", "\x7f", "\x85", "x" * 201])
@pytest.mark.parametrize("name", ["firstName", "zip", "voterId", "query"])
def test_only_plain_text_of_a_sane_length_is_searched_for(name: str, value: JsonValue) -> None:
    assert refused_fields({name: value}) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [("limit", value) for value in (0, 101, -1, 1.5, "x", "1e1", "-1", True, "٣", [5])]
    + [("page", value) for value in (0, -1, 10**30, "99999999999")]
    + [("birthYear", value) for value in (5, 99999, "80", True, 1980.5)],
)
def test_numbers_are_whole_and_within_bounds(name: str, value: JsonValue) -> None:
    assert refused_fields({"lastName": "Lee", name: value}) == [name]


@pytest.mark.parametrize("name", ["a;b", "a=b", "a b", "a\r\nSet-Cookie: x=y", "", "é", "a,b", "x" * 65, "a\n"])
def test_a_credentials_name_cannot_break_out_of_its_cookie(name: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        validate(ChosenSearchQuery, {"lastName": "Lee", "credentials": {"name": name}})
    assert caught.value.details[0].field == "credentials.name"


@pytest.mark.parametrize("key", ["AWS_SECRET_ACCESS_KEY", "COOKIE_KEYS", "DIRECTUS_", "directus_x", "DIRECTUS_a "])
@pytest.mark.parametrize("field", ["emailKey", "endpointKey", "passwordKey"])
def test_a_key_outside_the_allow_list_is_refused(field: str, key: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        validate(ChosenSearchQuery, {"lastName": "Lee", "credentials": {"name": "a", field: key}})
    assert caught.value.details[0].field == f"credentials.{field}"


@pytest.mark.parametrize("value", [None, "a", [], {}, {"name": 5}, {"name": "a", "password": "x"}])
def test_credentials_are_required_and_complete(value: JsonValue) -> None:
    with pytest.raises(InvalidRequest):
        validate(ChosenSearchQuery, {"lastName": "Lee", "credentials": value})
