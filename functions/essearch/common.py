"""POST /api/essearch-common: voter search with the fixed, common credentials."""

from essearch.answer import PARTS, find_persons
from essearch.query import SearchAnswer, SearchQuery
from petition.access import Access
from petition.api import Call, Route
from petition.api import handler as http_handler

ROUTE = Route(
    path="/api/essearch-common",
    summary="Find voters, with the common credentials",
    access=Access(permission="voters:search", can_be_open=True),
    takes=SearchQuery,
    answers=SearchAnswer,
    in_query=True,
)


def answer(call: Call[SearchQuery]) -> SearchAnswer:
    """Search with the common credentials."""
    return find_persons(call, None)


handler = http_handler(ROUTE, answer, *PARTS)
