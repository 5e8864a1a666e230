"""POST /api/essearch-common: voter search with the fixed, common credentials."""

from functools import partial

from essearch.query import SearchAnswer, SearchQuery
from essearch.search import INIT_HOOKS, find_persons
from petition.auth.access import Access
from petition.http.handler import handler as http_handler
from petition.http.route import Route

ROUTE = Route(
    path="/api/essearch-common",
    summary="Find voters, with the common credentials",
    access=Access(permission="voters:search", can_be_open=True),
    request_model=SearchQuery,
    response_model=SearchAnswer,
    in_query=True,
)


handler = http_handler(ROUTE, partial(find_persons, chosen=None), *INIT_HOOKS)
