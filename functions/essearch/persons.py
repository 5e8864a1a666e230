"""The persons' collection, read under the names of an answer, and pages of those who meet all criteria."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from essearch.folding import fold
from essearch.matching import (
    WORD_CRITERION,
    Criteria,
    Fields,
    Filter,
    Person,
    count_literals,
    filter_for,
    is_special,
    matches,
    split_words,
)
from essearch.pages import PersonPage
from petition.errors import Detail, InvalidRequest
from petition.validation import JsonValue

# A value that Directus cannot compare literally is compared here, with this many candidates at most. What sixteen such
# searches at once leave to others is measured in bench/costly_searches.py.
MAX_CANDIDATES = 2000
# With fewer literal characters, such a value would make almost everybody a candidate.
LEAST_LITERALS = 2
# Each word is a condition on seven fields.
MAX_WORDS = 10
TOO_FEW_LITERALS = "Needs two letters or digits at least besides % _ \\ [ and $"
CANDIDATES_AT_ONCE = 1000
SORT = ("lastName", "firstName", "voterId")


class Items(Protocol):
    """A collection of Directus, or what reads like one."""

    def read(self, query: dict[str, JsonValue]) -> list[dict[str, object]]:
        """The items that a query (filter, fields, sort, limit, offset) selects."""

    def count(self, condition: Filter) -> int:
        """How many items a filter selects."""


@dataclass(frozen=True)
class Persons:
    """The persons of a collection, in the order of their names."""

    items: Items
    fields: Fields

    def read(self, condition: Filter, *, limit: int, offset: int = 0) -> Sequence[Person]:
        """The persons who meet a condition, keyed by the names of an answer.

        Raises: as the collection's `read`.
        """
        items = self.items.read(
            {
                "fields": list(self.fields.wire.values()),
                "filter": condition,
                "sort": [self.fields.wire[name] for name in SORT if name in self.fields.wire],
                "limit": limit,
                "offset": offset,
            }
        )
        # A Directus that ignored the limit would make an answer too long for Lambda.
        return [{name: item.get(field) for name, field in self.fields.wire.items()} for item in items[:limit]]


def find_exact(
    criteria: Criteria, persons: Persons, *, limit: int, offset: int, max_candidates: int = MAX_CANDIDATES
) -> PersonPage:
    """Read one page of the persons who meet the criteria, sorted by name.

    This takes one request to Directus, and a second one for the total if the page does not show it.

    Raises:
        InvalidRequest: a criterion is too broad to be compared literally, or has too many words.
        FieldRefused, QueryRefused, UpstreamError, UpstreamBusy, UpstreamTimeout: as `Collection.read`.
    """
    _refuse_costly(criteria)
    condition = filter_for(criteria, persons.fields)
    if is_compared_here(criteria, persons.fields):
        candidates = _candidates(persons, condition, max_candidates)
        found = [each for each in candidates if matches(each, criteria, persons.fields)]
        return PersonPage(found[offset : offset + limit], len(found))
    page = persons.read(condition, limit=limit, offset=offset)
    is_last = len(page) < limit and (page or not offset)
    return PersonPage(page, offset + len(page) if is_last else persons.items.count(condition))


def _refuse_costly(criteria: Criteria) -> None:
    details = []
    for name, value in criteria.items():
        words = split_words(value) if name == WORD_CRITERION else [str(value)]
        if len(words) > MAX_WORDS:
            details.append(Detail(name, f"Must be at most {MAX_WORDS} different words"))
        elif [word for word in words if is_special(word) and count_literals(word) < LEAST_LITERALS]:
            details.append(Detail(name, TOO_FEW_LITERALS))
    if details:
        raise InvalidRequest(details=details)


def is_compared_here(criteria: Criteria, fields: Fields) -> bool:
    """Check whether a criterion is special, as typed or folded (`Null`), so that Directus only finds a superset."""
    folded = [fold(str(value)) for name, value in criteria.items() if name in fields.folded]
    return bool([value for value in (*criteria.values(), *folded) if is_special(value)])


def _candidates(persons: Persons, condition: Filter, most: int) -> Iterator[Person]:
    count = persons.items.count(condition)
    if count > most:
        raise InvalidRequest("The search is too broad: give more letters, or another criterion besides.")
    for offset in range(0, count, CANDIDATES_AT_ONCE):
        yield from persons.read(condition, limit=CANDIDATES_AT_ONCE, offset=offset)
