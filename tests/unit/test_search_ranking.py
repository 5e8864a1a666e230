from collections.abc import Mapping

import pytest

from essearch.comparison import (
    compare,
    compare_first,
    compare_house,
    compare_last,
    compare_street,
    compare_year,
    compare_zip,
)
from essearch.ranking import score

VOTER: Mapping[str, str | int] = {
    "firstName": "Robert",
    "lastName": "García-López",
    "address": "123 N Main St Apt 4",
    "zip": "97951",
    "birthYear": 1980,
}


@pytest.mark.parametrize(
    ("typed", "listed", "level"),
    [
        ("MUNOZ", "Muñoz", "same"),
        ("Lopez", "García-López", "half"),
        ("García-López", "Lopez", "half"),
        ("Rodr", "Rodríguez", "short"),
        ("Rodrigues", "Rodríguez", "very near"),
        ("Lopes", "García-López", "near"),
        ("Marshall", "Marsh", "near"),
        ("Smith", "Nguyen", "other"),
        ("", "Smith", "unknown"),
        ("Smith", "", "unknown"),
        ("Smith Jr", "Smith", "same"),
    ],
)
def test_last_names_compare_by_level(typed: str, listed: str, level: str) -> None:
    assert compare_last(typed, listed) == level


@pytest.mark.parametrize(
    ("typed", "listed", "level"),
    [
        ("Bob", "Robert", "nickname"),
        ("Robert", "Bob", "nickname"),
        ("R", "Robert", "initial"),
        ("Robert", "R.", "initial"),
        ("Rob", "Robert", "short"),
        ("Mary Ann", "Mary", "half"),
        ("Ann", "Robert", "other"),
    ],
)
def test_first_names_have_nicknames_and_initials(typed: str, listed: str, level: str) -> None:
    assert compare_first(typed, listed) == level


def test_places_and_years_compare_by_level() -> None:
    assert [compare_house("132", listed) for listed in ("132", "123", "13", "987", "")] == [
        *("same", "near", "near", "other", "unknown")
    ]
    assert [compare_zip("97951", listed) for listed in ("97951-1234", "97915", "97954", "12345")] == [
        *("same", "near", "near", "other")
    ]
    assert [compare_year("1980", listed) for listed in ("1980", "1981", "1908", "1990", "1955", "")] == [
        *("same", "off by one", "near", "near", "other", "unknown")
    ]
    assert compare_street("main", "mian") == "very near"


def test_the_better_order_of_the_names_counts() -> None:
    swapped = {**VOTER, "firstName": "García-López", "lastName": "Robert"}
    assert {vector.lastName for vector in compare(swapped, VOTER)} == {"other", "same"}
    assert score(swapped, VOTER) > 0.9


def test_a_score_is_between_0_and_1_and_falls_with_each_slip() -> None:
    slips = [{}, {"firstName": "Bob"}, {"zip": "97915"}, {"address": "7 Oak St"}, {"lastName": "Nguyen"}]
    typed, scores = dict(VOTER), []
    for slip in slips:
        typed |= slip
        scores.append(score(typed, VOTER))
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.99
    assert scores[-1] < 0.5
    assert all(0 <= each <= 1 for each in scores)


def test_a_member_of_the_household_is_behind_the_voter() -> None:
    typed = {**VOTER, "firstName": "Robbert", "birthYear": 1981}
    sister = {**VOTER, "firstName": "Ana", "birthYear": 1984}
    assert score(typed, VOTER) > score(typed, sister)


def test_fields_that_are_not_typed_say_nothing() -> None:
    names = {"firstName": "Robert", "lastName": "Lopez"}
    assert score(names, VOTER) == score(names, {**VOTER, "address": "9 Elm St", "zip": "1", "birthYear": 1900})


def test_a_person_without_anything_can_be_compared() -> None:
    assert 0 <= score(VOTER, dict.fromkeys(VOTER)) <= 1
