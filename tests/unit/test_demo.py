"""The demo data is the same everywhere, and has what makes real voters hard to find."""

import hashlib
import re
import unicodedata
from collections import Counter

import pytest

from local.demo.signatures import signatures, signers
from local.demo.voters import Voter, voters


@pytest.fixture(scope="module")
def electorate() -> list[Voter]:
    return voters()


def test_five_thousand_voters_have_an_id_each(electorate: list[Voter]) -> None:
    assert len({voter.voter_id for voter in electorate}) == 5000


def test_an_id_is_one_that_the_duplicate_route_takes_as_text_and_as_a_number(electorate: list[Voter]) -> None:
    assert all(re.fullmatch(r"[1-9][0-9]{7}", voter.voter_id) for voter in electorate)


def test_they_are_the_same_on_every_machine(electorate: list[Voter]) -> None:
    digest = hashlib.sha256(repr(electorate).encode()).hexdigest()
    assert digest[:16] == "034667a4417c7b1e"


def test_a_shorter_list_is_the_beginning_of_the_long_one(electorate: list[Voter]) -> None:
    assert voters(100) == electorate[:100]


@pytest.mark.parametrize("character", ["'", "-", " ", "."])
def test_surnames_hold_more_than_letters(electorate: list[Voter], character: str) -> None:
    assert any(character in voter.last_name for voter in electorate)


def test_names_hold_accents(electorate: list[Voter]) -> None:
    accented = [voter for voter in electorate if unicodedata.normalize("NFD", voter.last_name) != voter.last_name]
    assert len(accented) > 100


def test_namesakes_differ_in_their_birth_year(electorate: list[Voter]) -> None:
    of_a_name: dict[tuple[str, str, str], set[int]] = {}
    for voter in electorate:
        of_a_name.setdefault((voter.first_name, voter.last_name, voter.address), set()).add(voter.birth_year)
    assert sum(len(years) > 1 for years in of_a_name.values()) > 50


def test_everybody_is_of_age_and_was_when_they_registered(electorate: list[Voter]) -> None:
    assert all(2026 - voter.birth_year >= 18 for voter in electorate)
    assert all(int(voter.registration_date[:4]) - voter.birth_year >= 17 for voter in electorate)


def test_telephone_numbers_are_fictitious(electorate: list[Voter]) -> None:
    assert all(re.fullmatch(r"541-555-01[0-9]{2}", voter.phone) for voter in electorate if voter.phone)


def test_three_thousand_of_them_have_signed_and_some_have_withdrawn_or_were_rejected(electorate: list[Voter]) -> None:
    assert len({each.voter.voter_id for each in signatures()}) == 3000
    assert {each.voter for each in signatures()} < set(electorate)
    assert Counter(each.status for each in signatures()).keys() == {"valid", "pending", "rejected", "withdrawn"}
    assert 2500 < len(signers()) < 3000


def test_a_voter_appears_under_the_names_of_the_contract(electorate: list[Voter]) -> None:
    criteria = {
        "firstName",
        "middleName",
        "lastName",
        "address",
        "city",
        "state",
        "zip",
        "county",
        "birthYear",
        "voterId",
    }
    assert criteria <= electorate[0].item().keys()
