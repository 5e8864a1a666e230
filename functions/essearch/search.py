"""The search of both routes: a query in, persons out. The caller's browser keeps the token of the credentials."""

import time
from functools import cache, partial

from msgspec import UNSET

from essearch.columns import COLUMNS
from essearch.credential_sets import COMMON, COMMON_KEYS, ChosenCredentials, DeclaredCredentials, find_set
from essearch.credentials import CommonCredentials, find_credentials
from essearch.matching import Criteria, Fields
from essearch.pages import CloseSearchPage
from essearch.persons import Items, Persons, find_exact
from essearch.query import SearchAnswer, SearchQuery
from essearch.settings import persons_settings
from petition.clients.directus import Collection, FieldRefused
from petition.clients.directus_login import logins
from petition.clients.directus_token import token_cookie
from petition.errors import Detail, InvalidRequest
from petition.http.route import RequestContext
from petition.process_singleton import process_singleton
from petition.telemetry import logger
from petition.upstream.client import http_client

LEAST_CLOSE_CRITERIA = 2
MISSING_SECONDS = 60.0
COLUMNS_ARE_MISSING = (
    "the persons' collection has no derived columns, or the search's user may not read them: "
    "searches compare accents, and close ones find exact matches only"
)
COOKIE_PREFIX = "directus_token_"
COMMON_NAME = "search"


@process_singleton
def columns_missing_until() -> dict[str, float]:
    """The moment (monotonic) until which searches leave out the derived columns, by user and collection."""
    return {}


@cache
def person_fields() -> Fields:
    """The persons' fields of this process's settings, computed once."""
    return persons_settings().fields


# A search that names credentials of its own may not need the common ones, but every deployment has them.
INIT_HOOKS = (
    CommonCredentials.load,
    DeclaredCredentials.load,
    partial(find_credentials, COMMON_KEYS),
    token_cookie,
    person_fields,
    columns_missing_until,
    http_client,
    logins,
)


def find_persons(context: RequestContext[SearchQuery], chosen: ChosenCredentials | None) -> SearchAnswer:
    """Search with the credentials that a request chose, or with the common ones.

    Raises: as `find_set`, `find_credentials` and `search`.
    """
    used = find_set(chosen) if chosen else COMMON
    cookie_name = COOKIE_PREFIX + (chosen.name if chosen else COMMON_NAME)
    # A plain cookie is the token itself: with it, a stranger could ask Directus past the limits of this route.
    has_cookie = context.user_id is not None or token_cookie().is_authentic
    persons = Collection(
        persons_settings().persons_collection,
        find_credentials(used.keys),
        context.deadline,
        cookie_name if has_cookie else "",
        cookie=context.request.cookies.get(cookie_name) if has_cookie else None,
        set_cookies=context.set_cookies,
    )
    found = _search_with_columns(context.body, persons)
    context.audit.update(credentials=used.name, hits=found.hits_count)
    if found.close_hits is not UNSET:
        context.audit["close"] = found.close_hits
    return found


def _search_with_columns(query: SearchQuery, persons: Collection) -> SearchAnswer:
    """Search with the derived columns, or without them if Directus refuses the query because they are missing.

    Raises: as `search`.
    """
    fields, missing_until = person_fields(), columns_missing_until()
    where = f"{persons.credentials.value.fingerprint} {persons.name}"
    if not fields.derived or time.monotonic() < missing_until.get(where, 0.0):
        return search(query, persons, Fields(fields.wire))
    try:
        return search(query, persons, fields)
    except FieldRefused:
        found = search(query, persons, Fields(fields.wire))  # first: another field, or the collection may be refused
    if where not in missing_until:
        logger.warning(COLUMNS_ARE_MISSING)
    missing_until[where] = time.monotonic() + MISSING_SECONDS
    return found


def search(query: SearchQuery, items: Items, fields: Fields) -> SearchAnswer:
    """One page of the persons that meet the query's criteria, by name, and on request those who come close.

    Raises:
        InvalidRequest: a criterion is not searchable here, too broad to be compared literally, or too few are given.
        UpstreamError, UpstreamBusy, UpstreamTimeout: as `Collection.read`.
    """
    criteria, persons = query.criteria, Persons(items, fields)
    if unknown := criteria.keys() - fields.wire.keys() - {"query"}:
        raise InvalidRequest(details=[Detail(name, "Cannot be searched for here") for name in sorted(unknown)])
    if query.match == "close":
        return _answer_close(_find_close(criteria, query, persons))
    found = find_exact(criteria, persons, limit=query.limit, offset=query.offset)
    return SearchAnswer(persons=list(found.persons), hits_count=len(found.persons), total_hits=found.total)


def _find_close(criteria: Criteria, query: SearchQuery, persons: Persons) -> CloseSearchPage:
    """Find a page of exact persons. The first page also has close ones, if the collection has all derived columns."""
    if len(criteria) < LEAST_CLOSE_CRITERIA:
        raise InvalidRequest(details=[Detail("match", "A close search needs two criteria at least")])
    if query.page > 1 or not persons.fields.derived.keys() >= COLUMNS:
        return CloseSearchPage(find_exact(criteria, persons, limit=query.limit, offset=query.offset))
    # The first close search imports what ranks persons.
    from essearch.close import find_close  # noqa: PLC0415

    return find_close(criteria, persons, limit=query.limit)


def _answer_close(found: CloseSearchPage) -> SearchAnswer:
    exact = [{**person, "match": "exact", "score": 1.0} for person in found.exact.persons]
    close = [{**each.person, "match": "close", "score": round(each.score, 2)} for each in found.close]
    return SearchAnswer(
        persons=[*exact, *close],
        hits_count=len(exact) + len(close),
        total_hits=found.exact.total + len(close),
        close_hits=len(close),
    )
