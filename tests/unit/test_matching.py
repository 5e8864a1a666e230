import pytest

from essearch.columns import COLUMNS
from essearch.matching import Fields, filter_for, is_special, matches
from essearch.settings import PERSON_FIELDS

FIELDS = Fields({name: name for name in PERSON_FIELDS})
FOLDED = Fields(FIELDS.wire, {column: column for column in COLUMNS})


@pytest.mark.parametrize(
    "value", ["%", "a_b", "100%", "a\\b", "[a]", "$NOW", "$CURRENT_USER", "true", "false", "null", "NULL", "a NULL"]
)
def test_what_directus_would_interpret_is_special(value: str) -> None:
    assert is_special(value)


@pytest.mark.parametrize("value", ["Lee", "O'Brien", "Null", "Nullmann", "#5", "1980", 1980, "Muñoz", "a-b"])
def test_the_rest_is_not(value: str | int) -> None:
    assert not is_special(value)


def test_names_match_from_the_start_and_the_rest_exactly() -> None:
    assert filter_for({"lastName": "Le", "city": "Troy", "birthYear": 1980}, FIELDS) == {
        "_and": [
            {"_or": [{"lastName": {"_istarts_with": "Le"}}]},
            {"_or": [{"_and": [{"city": {"_istarts_with": "Troy"}}, {"city": {"_nistarts_with": "Troy_"}}]}]},
            {"birthYear": {"_eq": 1980}},
        ]
    }


def test_a_collections_own_field_names_are_used() -> None:
    assert filter_for({"lastName": "Le"}, Fields({"lastName": "last_name"})) == {
        "_and": [{"_or": [{"last_name": {"_istarts_with": "Le"}}]}]
    }


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("muñoz", ["MUÑOZ", "Muñoz"]),
        ("éloïse", ["ÉLOÏSE", "Éloïse"]),
        ("Straße", ["STRAßE", "Straße"]),
        ("\ufb01", ["\ufb01"]),  # the ligature fi
        ("\u0131\u017f", ["\u0131\u017f"]),  # the dotless i and the long s
        ("marie-josée", ["MARIE-JOSÉE", "Marie-Josée"]),
    ],
)
def test_letters_beyond_ascii_match_as_names_are_written_too(name: str, spelt: list[str]) -> None:
    ways = [{"lastName": {"_istarts_with": name}}, *({"lastName": {"_starts_with": way}} for way in spelt)]
    assert filter_for({"lastName": name}, FIELDS) == {"_and": [{"_or": ways}]}


def test_each_word_of_a_free_text_must_occur_somewhere() -> None:
    fields = Fields({"firstName": "first", "city": "town"})
    assert filter_for({"query": "ann troy"}, fields) == {
        "_and": [
            {"_or": [{"first": {"_icontains": "ann"}}, {"town": {"_icontains": "ann"}}]},
            {"_or": [{"first": {"_icontains": "troy"}}, {"town": {"_icontains": "troy"}}]},
        ]
    }


@pytest.mark.parametrize(
    ("name", "value", "pattern"),
    [("lastName", "a%b_c", "a_b_c"), ("lastName", "NULL", "Null"), ("city", "$NOW", "_NOW"), ("zip", "true", "True")],
)
def test_a_special_value_asks_for_a_superset(name: str, value: str, pattern: str) -> None:
    assert filter_for({name: value}, FIELDS) == {"_and": [{"_or": [{name: {"_istarts_with": pattern}}]}]}


@pytest.mark.parametrize(
    ("person", "criteria", "met"),
    [
        ({"lastName": "100% Real"}, {"lastName": "100%"}, True),
        ({"lastName": "1000 Real"}, {"lastName": "100%"}, False),
        ({"lastName": "Null"}, {"lastName": "NULL"}, True),
        ({"lastName": None}, {"lastName": "NULL"}, False),
        ({"city": "$NOW"}, {"city": "$NOW"}, True),
        ({"city": "$now"}, {"city": "$NOW"}, True),
        ({"zip": "$now"}, {"zip": "$NOW"}, False),
        ({"city": "true north"}, {"city": "true"}, False),
        ({"firstName": "Ann", "city": "a_b"}, {"query": "_B ann"}, True),
        ({"firstName": "Ann", "city": "axb"}, {"query": "_b"}, False),
        ({"birthYear": 1980, "lastName": "%"}, {"birthYear": 1980, "lastName": "%"}, True),
        ({"birthYear": 1981, "lastName": "%"}, {"birthYear": 1980, "lastName": "%"}, False),
    ],
)
def test_candidates_are_compared_letter_by_letter(
    person: dict[str, str | int | None], criteria: dict[str, str | int], met: bool
) -> None:
    assert matches(dict(person), criteria, FIELDS) is met


APOSTROPHES = ("'", "\u2019", "\u2018", "\u02bc", "`", "\u00b4")


@pytest.mark.parametrize("typed", APOSTROPHES)
@pytest.mark.parametrize("name", ["lastName", "city"])
def test_every_kind_of_apostrophe_is_asked_for(name: str, typed: str) -> None:
    asked = str(filter_for({name: f"d{typed}andre"}, FIELDS))
    assert all(f"d{listed}andre" in asked or repr(f"d{listed}andre") in asked for listed in APOSTROPHES)


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"lastName": "  MUÑOZ"}, {"foldLastName": {"_starts_with": "munoz"}}),
        ({"city": "Coeur d\u2019Alene"}, {"foldCity": {"_eq": "coeur d'alene"}}),
        ({"lastName": "NULL"}, {"foldLastName": {"_starts_with": "nul_"}}),
        ({"city": "100%"}, {"foldCity": {"_starts_with": "100_"}}),
        ({"lastName": "Null"}, {"foldLastName": {"_starts_with": "nul_"}}),
    ],
)
def test_a_folded_column_is_compared_letter_by_letter(
    criteria: dict[str, str | int], expected: dict[str, object]
) -> None:
    unfilled = {"_and": [{"keyNames": {"_null": True}}, filter_for(criteria, FIELDS)]}
    assert filter_for(criteria, FOLDED) == {"_or": [{"_and": [expected]}, unfilled]}


def test_what_has_no_folded_column_is_compared_as_ever() -> None:
    assert filter_for({"zip": "97951"}, FOLDED) == filter_for({"zip": "97951"}, FIELDS)


def test_a_text_that_folds_to_nothing_is_no_prefix_of_everybody() -> None:
    accent = "\u0301"
    assert "_starts_with': ''" not in str(filter_for({"lastName": accent}, FOLDED))
    assert not matches({"lastName": "Lee"}, {"lastName": accent}, FOLDED)


@pytest.mark.parametrize(
    ("person", "criteria"),
    [
        ({"firstName": "Jesús"}, {"firstName": "jesus"}),
        ({"firstName": "D'Andre"}, {"firstName": "d\u2019andre"}),
        ({"city": "Alderton"}, {"city": "alderton"}),
        ({"state": "OR"}, {"state": "or"}),
        ({"county": "McHenry"}, {"county": "MCHENRY"}),
        ({"zip": 97951}, {"zip": "97951"}),
    ],
)
def test_what_is_the_same_word_to_a_person_matches(
    person: dict[str, str | int | None], criteria: dict[str, str | int]
) -> None:
    assert matches(dict(person), criteria, FOLDED)


@pytest.mark.parametrize(
    ("person", "criteria"),
    [
        ({"firstName": "Bjørg"}, {"firstName": "bjorn"}),
        ({"lastName": "OBrien"}, {"lastName": "O'Brien"}),
        ({"lastName": "Mueller"}, {"lastName": "Müller"}),
        ({"city": "Aldertonville"}, {"city": "Alderton"}),
        ({"county": "Doña Ana"}, {"county": "Dona Ana"}),
        ({"city": None}, {"city": "None"}),
    ],
)
def test_what_is_another_word_does_not(person: dict[str, str | None], criteria: dict[str, str | int]) -> None:
    assert not matches(dict(person), criteria, FOLDED)
