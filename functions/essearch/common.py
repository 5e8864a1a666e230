"""POST /api/essearch-common: voter search with the fixed, common credentials."""

from essearch.answer import INIT_HOOKS, find_persons
from essearch.query import SearchAnswer, SearchQuery
from petition.auth.access import Access
from petition.http.handler import handler as http_handler
from petition.http.route import RequestContext, Route

ROUTE = Route(
    path="/api/essearch-common",
    summary="Find voters, with the common credentials",
    access=Access(permission="voters:search", can_be_open=True),
    request_model=SearchQuery,
    response_model=SearchAnswer,
    in_query=True,
)


def answer(context: RequestContext[SearchQuery]) -> SearchAnswer:
    """Search with the common credentials."""
    return find_persons(context, None)


handler = http_handler(ROUTE, answer, *INIT_HOOKS)
