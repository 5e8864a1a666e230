"""POST /api/essearch: voter search with credentials that the request names."""

from essearch.answer import PARTS, find_persons
from essearch.credentials import ChosenCredentials
from essearch.query import SearchAnswer, SearchQuery
from petition.access import Access
from petition.api import Call, Route
from petition.api import handler as http_handler


class ChosenSearchQuery(SearchQuery, kw_only=True):
    """A search and the credentials to make it with."""

    credentials: ChosenCredentials


ROUTE = Route(
    path="/api/essearch",
    summary="Find voters, with credentials chosen by the request",
    access=Access(permission="voters:search"),
    takes=ChosenSearchQuery,
    answers=SearchAnswer,
    in_query=True,
)


def answer(call: Call[ChosenSearchQuery]) -> SearchAnswer:
    """Search with the credentials that the request names."""
    return find_persons(call, call.query.credentials)


handler = http_handler(ROUTE, answer, *PARTS)
