from collections.abc import Mapping

import pytest

from essearch.candidates import Plan, plans_for
from essearch.keys import columns_of
from essearch.misspelling import keys_without_a_slip
from essearch.nicknames import nicknames_of

VOTER: Mapping[str, str | int] = {
    "firstName": "Robert",
    "lastName": "García-López",
    "address": "123 N Main St Apt 4",
    "zip": "97951",
    "birthYear": 1980,
}


def is_among(plan: Plan, person: Mapping[str, object]) -> bool:
    columns = {**person, **columns_of(person)}
    return any(all(any(columns[name] in values for name, values in group) for group in clause) for clause in plan)


@pytest.mark.parametrize(
    "slips",
    [
        {"firstName": "Bob"},
        {"firstName": "Rboert"},
        {"lastName": "Garcia"},
        {"lastName": "Lopez"},
        {"lastName": "Gracia"},
        {"firstName": "García", "lastName": "Robert"},
        {"firstName": "R"},
        {"lastName": "Nguyen"},
        {"address": "9 Elsewhere Rd", "zip": "12345"},
        {"address": "123 Elsewhere Rd"},
        {"birthYear": 1908, "zip": "97591"},
        {"firstName": "Bob", "lastName": "Lopez", "address": "132 Main St"},
    ],
)
def test_a_voter_is_a_candidate_of_a_search_with_slips(slips: dict[str, str | int]) -> None:
    assert is_among(plans_for({**VOTER, **slips}).first, VOTER)


def test_somebody_else_is_none() -> None:
    other = {"firstName": "Ann", "lastName": "Lee", "address": "7 Oak St", "zip": "97951", "birthYear": 1980}
    assert not is_among(plans_for(VOTER).first, other)


def test_of_names_alone_the_names_alone_are_compared() -> None:
    typed = {"firstName": "Robert", "lastName": "Lopez"}
    assert is_among(plans_for(typed).first, VOTER)


def test_of_one_name_and_a_zip_code_nothing_is_asked_at_first() -> None:
    plans = plans_for({"lastName": "Lopez", "zip": "97951"})
    assert not plans.first
    assert not plans.first_holds_all_exact
    assert is_among(plans.second, {**VOTER, "lastName": "Lopes"})


@pytest.mark.parametrize(
    ("typed", "holds"),
    [
        ({"lastName": "Garcia", "firstName": "Rob"}, True),
        ({"lastName": "Ga", "firstName": "Robert"}, False),
        ({"lastName": "Garcia", "firstName": "R"}, False),
        ({"lastName": "Garcia", "firstName": "Rob", "zip": "97951"}, True),
        ({"lastName": "Garcia", "firstName": "Rob", "birthYear": 1980}, True),
        ({"lastName": "Garcia", "firstName": "Rob", "address": "123 Main"}, True),
        ({"lastName": "Garcia", "firstName": "Rob", "address": "123"}, False),
        ({"lastName": "Garcia", "firstName": "Rob", "address": "Main"}, False),
        ({"lastName": "Garcia", "address": "123 Main St"}, True),
        ({"address": "123 Main St", "birthYear": 1980}, True),
        ({"address": "Main St", "birthYear": 1980}, False),
        ({"lastName": "Garcia", "zip": "97951"}, False),
        ({"city": "Troy", "state": "OR"}, False),
    ],
)
def test_the_candidates_hold_everybody_exact_only_where_enough_is_typed(
    typed: dict[str, str | int], holds: bool
) -> None:
    assert plans_for(typed).first_holds_all_exact is holds


@pytest.mark.parametrize("value", ["%", "null", "true", "$NOW", "9%", "a_b"])
def test_what_directus_would_take_for_more_than_its_letters_reaches_no_key(value: str) -> None:
    plans = plans_for(dict.fromkeys(("firstName", "lastName", "address", "zip"), value) | {"birthYear": 1980})
    conditions = [each for plan in (plans.first, plans.second) for clause in plan for group in clause for each in group]
    assert all(each.column != "zip" for each in conditions)
    values = {str(value) for each in conditions for value in each.values}
    assert not values & {"null", "true", "false", "NULL", ""} - ({"nul", "tru"} & values)
    assert not any(set("%_$\\") & set(each) for each in values)


def test_no_more_than_eight_nicknames_are_tried() -> None:
    [[names, *_]] = plans_for({"firstName": "Elizabeth", "lastName": "Brown"}).first[0]
    assert len(nicknames_of("elizabeth")) > 8
    assert len(names.values) <= 10


@pytest.mark.parametrize("nickname", [("bob", "robert"), ("peggy", "margaret"), ("pepe", "jose"), ("bill", "william")])
def test_nicknames_are_known_both_ways(nickname: tuple[str, str]) -> None:
    one, other = nickname
    assert other in nicknames_of(one)
    assert one in nicknames_of(other)


@pytest.mark.parametrize("typed", ["smlth", "msith", "mith", "smiith", "zmith", "smth"])
def test_a_slip_in_the_key_of_a_short_name_is_tried(typed: str) -> None:
    keys = keys_without_a_slip(typed, "john")
    assert "smi joh" in keys["keyNames"] or "ith jn" in keys["keySounds"]
