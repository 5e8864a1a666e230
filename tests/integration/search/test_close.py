"""Close searches in the real data."""

import json
import random
from collections.abc import Iterator, Mapping

import pytest

from bench.quality.clipboard import Clipboard, Rates
from bench.quality.population import Voter, county
from essearch.candidates import plans_for
from essearch.matching import PREFIX_CRITERIA, is_special
from tests.integration.lambda_process import Answer
from tests.integration.search.conftest import Fresh
from tests.integration.search.electorate import find_ids
from tests.integration.search.searching import Admin, Person, count_requests, look_up, search
from tests.recorder import Recorder
from tests.thoroughness import times

pytestmark = pytest.mark.usefixtures("_one_process")

SEARCHES = 150
FIELDS = ("voterId", "firstName", "middleName", "lastName", "address", "city", "state", "zip", "county", "birthYear")


@pytest.fixture(scope="module")
def electorate() -> list[Voter]:
    return list(county(5000, 0))


def close(**criteria: object) -> Answer:
    answer = look_up({**criteria, "match": "close"})
    assert answer.status == 200
    return answer


def ids(answer: Answer, match: str) -> list[str]:
    return [person["voterId"] for person in answer.body["persons"] if person["match"] == match]


def test_the_voter_is_found_although_the_clipboard_is_wrong(electorate: list[Voter]) -> None:
    clipboard = Clipboard(Rates(), random.Random("close"), electorate)  # noqa: S311 - the same every time
    chosen = clipboard.chance.sample(electorate, SEARCHES)
    answers = [close(**clipboard.fill_in(voter)) for voter in chosen]
    first_ten = [[person["voterId"] for person in answer.body["persons"][:10]] for answer in answers]
    assert sum(voter.voter_id in ten for voter, ten in zip(chosen, first_ten, strict=True)) >= SEARCHES * 0.98


def fill_in(clipboard: Clipboard) -> Mapping[str, str | int]:
    """Some of what stands on a sheet, each text whole or only its start."""
    chance = clipboard.chance
    sheet = {name: value for name, value in clipboard.fill_in(chance.choice(clipboard.others)).items() if value}
    chosen = chance.sample(sorted(sheet), chance.randint(2, min(5, len(sheet))))
    return {
        name: str(sheet[name])[: chance.randint(1, 20)]
        if name in PREFIX_CRITERIA and chance.random() < 0.5
        else sheet[name]
        for name in chosen
    }


def test_exact_persons_are_those_of_an_exact_search_and_come_first_and_are_marked(electorate: list[Voter]) -> None:
    count = times(300)
    clipboard = Clipboard(Rates().times(0.3), random.Random(count), electorate)  # noqa: S311 - the same every time
    found = proved = 0
    for typed in (fill_in(clipboard) for _ in range(count)):
        answer, exact = close(**typed, limit=100), look_up({**typed, "limit": 100})
        assert ids(answer, "exact") == [person["voterId"] for person in exact.body["persons"]], typed
        assert answer.body["totalHits"] == exact.body["totalHits"] + answer.body["closeHits"]
        assert answer.body["hitsCount"] == len(answer.body["persons"])
        assert len(ids(answer, "close")) == answer.body["closeHits"] <= 10
        found += exact.body["totalHits"] > 0
        proved += exact.body["totalHits"] > 0 and plans_for(typed).first_holds_all_exact
    assert found > count / 3
    assert proved > count / 10


def test_an_exact_search_answers_without_a_word_about_close_ones() -> None:
    answer = search(lastName="Lee", firstName="A")
    assert answer.body.keys() == {"persons", "hitsCount", "totalHits"}
    assert answer.body == search(lastName="Lee", firstName="A", match="exact").body
    assert all(person.keys() == set(FIELDS) for person in answer.body["persons"])


def test_persons_have_a_match_and_a_score_besides_and_close_ones_are_in_its_order(electorate: list[Voter]) -> None:
    voter = electorate[0]
    persons = close(firstName=voter.first_name, lastName=voter.last_name, zip=voter.zip, limit=50).body["persons"]
    assert all(person.keys() == {*FIELDS, "match", "score"} for person in persons)
    scores = [person["score"] for person in persons if person["match"] == "close"]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= person["score"] <= 1 and round(person["score"], 2) == person["score"] for person in persons)


def test_a_page_that_exact_ones_fill_has_no_close_ones_and_neither_have_later_pages() -> None:
    full = close(lastName="L", firstName="A", limit=3)
    later = close(lastName="L", firstName="A", limit=3, page=2)
    assert ids(full, "exact") + ids(later, "exact") == find_ids({"lastName": "L", "firstName": "A"})[:6]
    assert full.body["closeHits"] == later.body["closeHits"] == 0


@pytest.mark.parametrize("criteria", [{"lastName": "Lopez"}, {"query": "lopez"}, {"voterId": "1"}], ids=json.dumps)
def test_a_close_search_needs_two_criteria(criteria: Person) -> None:
    answer = look_up({**criteria, "match": "close"})
    assert answer.status == 422
    assert [detail["field"] for detail in answer.body["details"]] == ["match"]


def test_another_way_of_matching_is_refused() -> None:
    assert search(lastName="Lopez", match="fuzzy").status == 422


@pytest.mark.parametrize("value", ["%", "_", "%%", "null", "NULL", "true", "$NOW", "$CURRENT_USER", "a_b", "[a]", "\\"])
def test_no_trick_of_directus_is_reached_through_a_key(value: str) -> None:
    assert is_special(value)
    typed = dict.fromkeys(("firstName", "lastName", "address", "city", "zip"), value)
    answer = look_up({**typed, "match": "close"})
    if answer.status == 422:
        assert answer.code == "invalid_request"  # too broad, or too few letters of its own
    else:
        assert answer.body["persons"] == []


def test_state_and_county_hold_for_close_ones_too(electorate: list[Voter]) -> None:
    voter = next(each for each in electorate if each.county == "Hollister")
    typed = {"firstName": voter.first_name + "x", "lastName": voter.last_name, "zip": voter.zip}
    assert voter.voter_id in ids(close(**typed, county="hollister", state="or"), "close")
    assert ids(close(**typed, county="Tamarack"), "close") == []


class TestRequests:
    """What a close search asks of Directus."""

    @pytest.fixture(autouse=True)
    def _counted(self, fresh: Fresh, recorder: Recorder) -> Iterator[None]:
        with fresh():
            search(lastName="Nobody")
            recorder.requests.clear()
            yield

    def test_a_search_that_is_typed_rightly_is_one_request(self, recorder: Recorder, electorate: list[Voter]) -> None:
        voter = electorate[1]
        assert (
            close(firstName=voter.first_name, lastName=voter.last_name, birthYear=voter.birth_year).body["closeHits"]
            >= 0
        )
        assert count_requests(recorder) == (0, 1)

    def test_a_search_that_finds_nobody_is_two(self, recorder: Recorder) -> None:
        close(firstName="Qqq", lastName="Xxxx", birthYear=1950)
        assert count_requests(recorder) == (0, 2)

    def test_a_short_name_is_searched_for_exactly_besides(self, recorder: Recorder) -> None:
        close(firstName="Qq", lastName="Le", zip="97951")
        assert count_requests(recorder)[1] <= 3

    @pytest.mark.parametrize("value", ["%", "l%", "a_", "null", "$NOW"])
    def test_no_search_is_more_than_three(self, recorder: Recorder, value: str) -> None:
        search(lastName=value, firstName="a", zip="97951", match="close")
        search(lastName=value, city="Alderton", match="close")
        assert count_requests(recorder)[1] <= 6


def test_a_person_is_found_from_the_moment_that_the_columns_are_filled(admin: Admin) -> None:
    person = dict.fromkeys(FIELDS) | {
        "voterId": "close-1",
        "lastName": "Quxley",
        "firstName": "Zebulon",
        "zip": "00001",
    }
    with admin.persons(person):
        assert ids(close(lastName="Quxly", firstName="Zebulun", zip="00001"), "close") == ["close-1"]
    assert "close-1" not in ids(close(lastName="Quxly", firstName="Zebulun", zip="00001"), "close")
