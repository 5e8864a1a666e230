"""A close search: the persons who meet all criteria, then those whom it probably means."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from essearch.candidates import Group, Plan, plans_for
from essearch.matching import Criteria, Fields, Filter, Person, filter_for, matches, unfilled_filter_for
from essearch.pages import CloseMatch, CloseSearchPage, PersonPage
from essearch.persons import CANDIDATES_AT_ONCE, Persons, find_exact, is_compared_here
from essearch.ranking import score
from petition.clients.directus import QueryRefused
from petition.errors import PetitionError
from petition.process_singleton import process_singleton
from petition.telemetry import logger
from petition.validation import JsonValue

MAX_CLOSE = 10
FIRST_LIMIT, SECOND_LIMIT = 250, 500
# The highest limit of an exact search: a Directus that answers those answers this too.
SMALL_LIMIT = 100
CONVINCING = 0.9
# Lower scores round to 0.
LEAST_SCORE = 0.005
# After this time, a search sends no second request.
SECOND_WITHIN_SECONDS = 3.0
# Close persons meet these as exact ones do.
CONDITIONS = frozenset({"state", "county", "middleName", "voterId", "query"})


def find_close(criteria: Criteria, persons: Persons, *, limit: int) -> CloseSearchPage:
    """The first page of a close search: mostly one request to Directus, three at most.

    Raises: as `find_exact`.
    """
    search = CloseSearch(criteria, persons, limit)
    exact = search.find_exact()
    places = min(MAX_CLOSE, limit - len(exact.persons))
    return CloseSearchPage(exact, search.rank_close(exact)[:places] if places else [])


@dataclass
class CloseSearch:
    """One close search and what it has read so far."""

    criteria: Criteria
    persons: Persons
    limit: int
    candidates: Sequence[Person] | None = None
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        """Plan the requests."""
        self.plans = plans_for(self.criteria)

    def find_exact(self) -> PersonPage:
        """Find the persons who meet all criteria: among the candidates if these hold all of them, or by a search."""
        if self.plans.first_holds_all_exact:
            self.candidates, is_whole = self._read_first()
            if is_whole:
                found = [person for person in self.candidates if self._is_exact(person)]
                return PersonPage(found[: self.limit], len(found))
        return find_exact(self.criteria, self.persons, limit=self.limit, offset=0, max_candidates=CANDIDATES_AT_ONCE)

    def rank_close(self, exact: PersonPage) -> Sequence[CloseMatch]:
        """The candidates who do not meet all criteria, the likeliest first."""
        if self.candidates is None:
            self.candidates, _ = self._read_first()
        ranked = self._rank(self.candidates)
        if exact.total or (ranked and ranked[0].score >= CONVINCING):
            return ranked
        return self._rank([*self.candidates, *self._read_second()])

    def _read_first(self) -> tuple[Sequence[Person], bool]:
        """The candidates of the first plan, and whether these are all of them."""
        limit = _limits().most_candidates
        plan = self.plans.first
        if not plan:
            return [], False
        condition = condition_for(plan, self._conditions(), self.persons.fields)
        # Persons whose columns were never filled are candidates too, so that no exact person is left out.
        unfilled = unfilled_filter_for(self.criteria, self.persons.fields)
        try:
            found = self.persons.read({"_or": [condition, unfilled]}, limit=limit)
        except QueryRefused:
            if limit == SMALL_LIMIT:
                raise
            _limits().most_candidates = SMALL_LIMIT
            return [], False
        return found, len(found) < limit

    def _read_second(self) -> Sequence[Person]:
        is_late = time.monotonic() - self.started > SECOND_WITHIN_SECONDS
        if is_late or not self.plans.second or is_compared_here(self.criteria, self.persons.fields):
            return []
        condition = condition_for(self.plans.second, self._conditions(), self.persons.fields)
        limit = SECOND_LIMIT if _limits().most_candidates > SMALL_LIMIT else SMALL_LIMIT
        try:
            return self.persons.read(condition, limit=limit)
        except PetitionError as error:
            logger.warning("the second request of a close search failed", extra={"code": error.code})
            return []

    def _conditions(self) -> Criteria:
        return {name: value for name, value in self.criteria.items() if name in CONDITIONS}

    def _rank(self, persons: Iterable[Person]) -> Sequence[CloseMatch]:
        # Encoded, as a collection's own fields may be lists and objects.
        different = {msgspec.json.encode(person): person for person in persons if not self._is_exact(person)}
        scored = (CloseMatch(person, score(self.criteria, person)) for person in different.values())
        return sorted((each for each in scored if each.score >= LEAST_SCORE), key=lambda each: -each.score)

    def _is_exact(self, person: Person) -> bool:
        return matches(person, self.criteria, self.persons.fields)


def condition_for(plan: Plan, conditions: Criteria, fields: Fields) -> Filter:
    """Return the filter for a plan and for conditions that must also hold."""
    clauses: list[JsonValue] = [{"_and": [_any_of(group, fields) for group in clause]} for clause in plan]
    exact: list[JsonValue] = [filter_for(conditions, fields)] if conditions else []
    return {"_and": [{"_or": clauses}, *exact]}


def _any_of(group: Group, fields: Fields) -> JsonValue:
    column = {**fields.wire, **fields.derived}
    return {"_or": [{column[name]: {"_in": list(values)}} for name, values in group]}


@dataclass
class Limits:
    """What Directus's QUERY_LIMIT_MAX has been found to allow."""

    most_candidates: int = FIRST_LIMIT


@process_singleton
def _limits() -> Limits:
    return Limits()
