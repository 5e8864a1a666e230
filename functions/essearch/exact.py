"""An exact search: one page of the persons who meet all criteria, and how many there are."""

from collections.abc import Iterator

from essearch.folding import fold
from essearch.found import Found
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
from essearch.persons import Persons
from petition.errors import Detail, InvalidRequest

# A value that Directus cannot compare literally is compared here: so many candidates are read for it, at most.
MAX_CANDIDATES = 2000
# With fewer letters of its own, such a value has Directus look at almost everybody.
LEAST_LITERALS = 2
# Each word is a condition on seven fields.
MAX_WORDS = 10
TOO_FEW_LITERALS = "Needs two letters or digits at least besides % _ \\ [ and $"
CANDIDATES_AT_ONCE = 1000


def find_exact(
    criteria: Criteria, persons: Persons, *, limit: int, offset: int, max_candidates: int = MAX_CANDIDATES
) -> Found:
    """One page of the persons who meet the criteria, by name.

    One request to Directus where the page is not full; a count besides, where the page cannot tell it.

    Raises:
        InvalidRequest: a criterion is too broad to be compared literally, or has too many words.
        TokenRejected, UpstreamError, UpstreamBusy, UpstreamTimeout: as `Collection.read`.
    """
    _refuse_costly(criteria)
    condition = filter_for(criteria, persons.fields)
    if is_compared_here(criteria, persons.fields):
        candidates = _candidates(persons, condition, max_candidates)
        found = [each for each in candidates if matches(each, criteria, persons.fields)]
        return Found(found[offset : offset + limit], len(found))
    page = persons.read(condition, limit=limit, offset=offset)
    is_last = len(page) < limit and (page or not offset)
    return Found(page, offset + len(page) if is_last else persons.count(condition))


def _refuse_costly(criteria: Criteria) -> None:
    details = []
    for name, value in criteria.items():
        words = split_words(value) if name == WORD_CRITERION else [str(value)]
        if len(words) > MAX_WORDS:
            details.append(Detail(name, f"Must be at most {MAX_WORDS} different words"))
        elif any(is_special(word) and count_literals(word) < LEAST_LITERALS for word in words):
            details.append(Detail(name, TOO_FEW_LITERALS))
    if details:
        raise InvalidRequest(details=details)


def is_compared_here(criteria: Criteria, fields: Fields) -> bool:
    """Whether a criterion is special, so that Directus finds a superset only: `Null` is where its folded text is."""
    return any(
        is_special(value) or (fields.folded(name) is not None and is_special(fold(str(value))))
        for name, value in criteria.items()
    )


def _candidates(persons: Persons, condition: Filter, most: int) -> Iterator[Person]:
    count = persons.count(condition)
    if count > most:
        raise InvalidRequest("The search is too broad: give more letters, or another criterion besides.")
    for offset in range(0, count, CANDIDATES_AT_ONCE):
        yield from persons.read(condition, limit=CANDIDATES_AT_ONCE, offset=offset)
