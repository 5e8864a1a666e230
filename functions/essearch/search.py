"""A search in the collection of persons: query in, persons out."""

from essearch.columns import COLUMNS
from essearch.exact import find_exact
from essearch.found import FoundClose
from essearch.matching import Criteria, Fields
from essearch.persons import Items, Persons
from essearch.query import SearchAnswer, SearchQuery
from petition.errors import Detail, InvalidRequest

LEAST_CLOSE_CRITERIA = 2


def search(query: SearchQuery, items: Items, fields: Fields) -> SearchAnswer:
    """One page of the persons that meet the query's criteria, by name, and on request those who come close.

    Raises:
        InvalidRequest: a criterion is not searchable here, too broad to be compared literally, or too few are given.
        UpstreamError, UpstreamBusy, UpstreamTimeout: as `Collection.read`.
    """
    criteria, persons = query.criteria, Persons(items, fields)
    _refuse_unknown(criteria, fields)
    if query.match == "close":
        return _answer_close(_find_close(criteria, query, persons))
    found = find_exact(criteria, persons, limit=query.limit, offset=query.offset)
    return SearchAnswer(persons=list(found.persons), hits_count=len(found.persons), total_hits=found.total)


def _find_close(criteria: Criteria, query: SearchQuery, persons: Persons) -> FoundClose:
    """Close persons stand on the first page alone, and can be found by the derived columns alone."""
    if len(criteria) < LEAST_CLOSE_CRITERIA:
        raise InvalidRequest(details=[Detail("match", "A close search needs two criteria at least")])
    if query.page > 1 or not persons.fields.derived.keys() >= COLUMNS:
        return FoundClose(find_exact(criteria, persons, limit=query.limit, offset=query.offset))
    # What ranks persons is loaded by the first search that needs it.
    from essearch.close import find_close  # noqa: PLC0415

    return find_close(criteria, persons, limit=query.limit)


def _answer_close(found: FoundClose) -> SearchAnswer:
    exact = [{**person, "match": "exact", "score": 1.0} for person in found.exact.persons]
    close = [{**each.person, "match": "close", "score": round(each.score, 2)} for each in found.close]
    return SearchAnswer(
        persons=[*exact, *close],
        hits_count=len(exact) + len(close),
        total_hits=found.exact.total + len(close),
        close_hits=len(close),
    )


def _refuse_unknown(criteria: Criteria, fields: Fields) -> None:
    unknown = criteria.keys() - fields.wire.keys() - {"query"}
    if unknown:
        raise InvalidRequest(details=[Detail(name, "Cannot be searched for here") for name in sorted(unknown)])
