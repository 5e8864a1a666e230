"""POST /api/essearch: voter search with credentials that the request names."""

from essearch.credential_sets import ChosenCredentials
from essearch.query import SearchAnswer, SearchQuery
from essearch.search import INIT_HOOKS, find_persons
from petition.auth.access import Access
from petition.http.handler import handler as http_handler
from petition.http.route import RequestContext, Route


class ChosenSearchQuery(SearchQuery, kw_only=True):
    """A search and the credentials to make it with."""

    credentials: ChosenCredentials


ROUTE = Route(
    path="/api/essearch",
    summary="Find voters, with credentials chosen by the request",
    access=Access(permission="voters:search"),
    request_model=ChosenSearchQuery,
    response_model=SearchAnswer,
    in_query=True,
)


def answer(context: RequestContext[ChosenSearchQuery]) -> SearchAnswer:
    """Search with the credentials that the request names."""
    return find_persons(context, context.body.credentials)


handler = http_handler(ROUTE, answer, *INIT_HOOKS)
