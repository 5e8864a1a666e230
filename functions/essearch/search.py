"""A search in the collection of persons: query in, persons out."""

from collections.abc import Iterator, Mapping
from functools import cache

import msgspec

from essearch.matching import Criteria, Filter, Person, filter_for, is_special, matches
from essearch.query import SearchAnswer, SearchQuery
from petition.clients.directus import Collection
from petition.config.settings import Settings
from petition.errors import Detail, InvalidRequest

# A value that Directus cannot compare literally is compared here: so many candidates are read for it, at most.
MAX_CANDIDATES = 10_000
CANDIDATES_AT_ONCE = 1000
PERSON_FIELDS = (
    "voterId",
    "firstName",
    "middleName",
    "lastName",
    "address",
    "city",
    "state",
    "zip",
    "county",
    "birthYear",
)
SORT = ("lastName", "firstName", "voterId")


class FieldNames(dict[str, str]):
    """The collection's field for each name of an answer, from a JSON object.

    Raises:
        ValueError: it is no JSON object of strings.
    """

    def __init__(self, text: str) -> None:
        super().__init__(msgspec.json.decode(text, type=dict[str, str]))


class PersonsSettings(Settings):
    """Where the persons are.

    Attributes:
        persons_collection: the collection's name.
        persons_fields: a JSON object, the collection's field for each name of an answer. Only these are returned, and
            a criterion whose name is not among them is refused.
    """

    persons_collection: str = "persons"
    persons_fields: FieldNames | None = None

    @property
    def fields(self) -> Mapping[str, str]:
        """Those of `persons_fields`; unset, the collection uses the answer's names itself."""
        return self.persons_fields or {name: name for name in PERSON_FIELDS}


@cache
def persons_settings() -> PersonsSettings:
    """The process's settings, read once.

    Raises:
        SettingsError: PERSONS_FIELDS is no JSON object of strings.
    """
    return PersonsSettings.load()


def search(query: SearchQuery, persons: Collection, fields: Mapping[str, str]) -> SearchAnswer:
    """One page of the persons that meet the query's criteria, by name.

    One request to Directus where the page is not full; a count besides, where the page cannot tell it.

    Raises:
        InvalidRequest: a criterion is not searchable here, or too broad to be compared literally.
        TokenRejected, UpstreamError, UpstreamBusy, UpstreamTimeout: as `Collection.read`.
    """
    criteria = query.criteria
    _refuse_unknown(criteria, fields)
    if any(is_special(value) for value in criteria.values()):
        return _compared_here(query, persons, fields)
    condition = filter_for(criteria, fields)
    page = _read(persons, condition, fields, offset=query.offset, limit=query.limit)
    total = _total_told_by(page, query)
    return _answer(page, persons.count(condition) if total is None else total)


def _refuse_unknown(criteria: Criteria, fields: Mapping[str, str]) -> None:
    unknown = criteria.keys() - fields.keys() - {"query"}
    if unknown:
        raise InvalidRequest(details=[Detail(name, "Cannot be searched for here") for name in sorted(unknown)])


def _total_told_by(page: list[Person], query: SearchQuery) -> int | None:
    """A page that is not full is the last one, unless it is empty and not the first."""
    if len(page) == query.limit or (not page and query.page > 1):
        return None
    return query.offset + len(page)


def _compared_here(query: SearchQuery, persons: Collection, fields: Mapping[str, str]) -> SearchAnswer:
    criteria = query.criteria
    condition = filter_for(criteria, fields)
    found = [person for person in _candidates(persons, condition, fields) if matches(person, criteria)]
    return _answer(found[query.offset : query.offset + query.limit], len(found))


def _candidates(persons: Collection, condition: Filter, fields: Mapping[str, str]) -> Iterator[Person]:
    count = persons.count(condition)
    if count > MAX_CANDIDATES:
        raise InvalidRequest("The search is too broad: give more letters, or another criterion besides.")
    for offset in range(0, count, CANDIDATES_AT_ONCE):
        yield from _read(persons, condition, fields, offset=offset, limit=CANDIDATES_AT_ONCE)


def _read(
    persons: Collection, condition: Filter, fields: Mapping[str, str], *, offset: int, limit: int
) -> list[Person]:
    items = persons.read(
        {
            "fields": list(fields.values()),
            "filter": condition,
            "sort": [fields[name] for name in SORT if name in fields],
            "limit": limit,
            "offset": offset,
        }
    )
    # What ignores the limit would make an answer that Lambda refuses.
    return [{name: item.get(field) for name, field in fields.items()} for item in items[:limit]]


def _answer(persons: list[Person], total: int) -> SearchAnswer:
    return SearchAnswer(persons=persons, hits_count=len(persons), total_hits=total)
