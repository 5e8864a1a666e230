import pytest
from hypothesis import given
from hypothesis import strategies as st

from essearch.address import house_number, street_name
from essearch.columns import COLUMNS
from essearch.filling import Filler, Progress
from essearch.keys import columns_of, letters, name_keys, name_parts, sound, street_key
from essearch.matching import Fields
from petition.validation import JsonValue

type Query = dict[str, JsonValue]


def test_a_person_has_every_column_and_what_is_not_known_is_empty() -> None:
    columns = columns_of({"lastName": "García-López", "firstName": "María", "address": None})
    assert columns.keys() == COLUMNS
    assert columns["keyNames"] == "gar mar"
    assert columns["keySounds"] == "pez mr"
    assert columns["keyEnds"] == "grkr ria"
    assert columns["foldLastName"] == "garcia-lopez"
    assert columns["keyHouse"] == columns["keyStreet"] == columns["foldCity"] == ""


def test_a_collection_without_derived_columns_has_nothing_to_fill() -> None:
    class Items:
        def read(self, query: Query) -> list[dict[str, object]]:
            return [] if query.get("filter") else [{"id": 1, "lastName": "Lee"}]

        def update(self, items: list[JsonValue]) -> None:
            raise AssertionError(items)

    progress = Progress()
    Filler(Items(), Fields({"lastName": "lastName"}), "id").fill(None, progress)
    assert progress == Progress(read=1)


def test_a_person_without_anything_still_has_names_that_are_no_null() -> None:
    assert columns_of({})["keyNames"] == " "


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Smith", ["smith"]),
        ("García-López", ["garcialopez", "garcia", "lopez"]),
        ("De la Cruz", ["delacruz", "cruz"]),
        ("St. James", ["stjames", "james"]),
        ("Smith Jr.", ["smith"]),
        ("King, III", ["king"]),
        ("O'Brien", ["obrien"]),
        ("Jr", ["jr"]),
        ("", []),
        ("-", []),
    ],
)
def test_a_double_name_is_known_by_its_parts_too(name: str, parts: list[str]) -> None:
    assert list(name_parts(name)) == parts


@pytest.mark.parametrize(
    "alike",
    [
        ("stephen", "steven"),
        ("philip", "filip"),
        ("jon", "john"),
        ("meier", "myer"),
        ("schmidt", "smitt"),
        ("nielsen", "nilson"),
        ("knight", "nigt"),
    ],
)
def test_names_that_sound_alike_have_one_sound(alike: tuple[str, str]) -> None:
    assert sound(alike[0]) == sound(alike[1])


def test_names_that_sound_different_have_different_sounds() -> None:
    assert len({sound(name) for name in ("smith", "jones", "garcia", "lee", "brown", "")}) == 6


@pytest.mark.parametrize(
    ("address", "house", "street"),
    [
        ("123 N Main St Apt 4", "123", "main"),
        ("123 main street", "123", "main"),
        ("12B Saint Charles Ave", "12", "saint charles"),
        ("45 St Charles Ave., Unit B", "45", "saint charles"),
        ("9 First St", "9", "1st"),
        ("77 5th Ave NW #12", "77", "5th"),
        ("8 E St", "8", "e"),
        ("1210 Way", "1210", "way"),
        ("31 Unit Rd", "31", "unit"),
        ("300-12 Avenue of the Americas", "300", "avenue of the americas"),
        ("22 O\u2019Hare Blvd", "22", "o'hare"),
        ("PO Box 7", "", "po box 7"),
        ("\uff11\uff12 Main St", "12", "main"),
        ("", "", ""),
    ],
)
def test_an_address_is_a_house_and_the_name_of_a_street(address: str, house: str, street: str) -> None:
    assert (house_number(address), street_name(address)) == (house, street)


@pytest.mark.parametrize("address", ["1 True St", "1 Null Rd", "1 false", "1 NULL"])
def test_no_street_is_a_value_of_another_type_to_directus(address: str) -> None:
    assert street_key(address)[0] == "s"
    assert street_key(address) not in {"true", "false", "null"}


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_no_key_is_anything_but_letters_digits_and_a_blank(last: str, first: str, address: str) -> None:
    person = {"lastName": last, "firstName": first, "address": address}
    keys = [value for name, value in columns_of(person).items() if name.startswith("key")]
    assert all(each.isalnum() or each == " " for key in keys for each in key)


@given(st.text(min_size=1, max_size=12), st.text(max_size=12))
def test_a_name_that_starts_with_what_is_typed_has_its_start_key(typed: str, rest: str) -> None:
    whole, start = letters(typed + rest), letters(typed)
    if whole.startswith(start) and len(start) >= 3:
        assert name_keys(typed + rest, "x")["keyLast"] == start[:3]
