"""What a search should find, decided in Python over the same made-up voters that Directus holds."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from local.demo.voters import voters
from tests.integration.lambda_process import Answer
from tests.integration.search.searching import Person, look_up

PREFIXES = {"firstName", "middleName", "lastName", "address"}
PLACES = {"city", "state", "county"}
WORDS = ("firstName", "middleName", "lastName", "address", "city", "zip", "voterId")


def expected_ids(criteria: Mapping[str, Any], others: Iterable[Person] = ()) -> set[str]:
    """Ids of the voters on the list who meet all criteria."""
    everybody = [*voters_on_the_list(), *others]
    return {person["voterId"] for person in everybody if all(_meets(person, *each) for each in criteria.items())}


@cache
def voters_on_the_list() -> Sequence[Person]:
    """All of them, under the names of the collection's fields."""
    return [voter.item() for voter in voters()]


def find_ids(criteria: Mapping[str, object], limit: int = 100) -> list[str]:
    """The ids that a search finds, over all of its pages, which must all state the same total."""
    answers = [look_up({**criteria, "limit": limit})]
    while len(_ids(answers)) < answers[0].body["totalHits"] and answers[-1].body["hitsCount"]:
        answers.append(look_up({**criteria, "limit": limit, "page": len(answers) + 1}))
    assert {answer.body["totalHits"] for answer in answers} == {len(_ids(answers))}
    return _ids(answers)


def _ids(answers: Iterable[Answer]) -> list[str]:
    return [person["voterId"] for answer in answers for person in answer.body["persons"]]


def _meets(person: Person, name: str, value: str | int) -> bool:
    if name == "query":
        return all(any(word in _lower(person, field) for field in WORDS) for word in str(value).lower().split())
    if name in PREFIXES:
        return _plain(person.get(name)).startswith(_plain(value))
    if name in PLACES:
        return _plain(person.get(name)) == _plain(value)
    return bool(person.get(name) == value)


def _plain(value: object) -> str:
    """Without case, accents, and kinds of apostrophes, as far as the voters of the demo and the tests go."""
    letters = (
        str(value or "")
        .casefold()
        .replace("\u2019", "'")
        .replace("\u02bc", "'")
        .replace("\u0142", "l")
        .replace("\u0131", "i")
    )
    return "".join(each for each in unicodedata.normalize("NFD", letters) if not unicodedata.combining(each))


def _lower(person: Person, name: str) -> str:
    return str(person.get(name) or "").lower()
