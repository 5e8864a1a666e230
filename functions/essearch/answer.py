"""What both routes do: search with a set of credentials, whose token the caller's browser keeps."""

from functools import partial

from msgspec import UNSET

from essearch.credentials import (
    COMMON,
    COMMON_KEYS,
    ChosenCredentials,
    CommonCredentials,
    DeclaredCredentials,
    find_credentials,
    find_set,
)
from essearch.derived import derived_columns
from essearch.query import SearchAnswer, SearchQuery
from essearch.search import search
from essearch.settings import persons_settings
from petition.clients.directus import Collection
from petition.clients.directus_login import CallerLogin, logins
from petition.clients.directus_token import token_cookie
from petition.http.route import RequestContext
from petition.upstream.client import http_client

COOKIE_PREFIX = "directus_token_"
COMMON_NAME = "search"
# What a search needs; one that names credentials of its own may need no common ones, but a deployment has them.
INIT_HOOKS = (
    CommonCredentials.load,
    DeclaredCredentials.load,
    partial(find_credentials, COMMON_KEYS),
    token_cookie,
    persons_settings,
    derived_columns,
    http_client,
    logins,
)


def find_persons(context: RequestContext[SearchQuery], chosen: ChosenCredentials | None) -> SearchAnswer:
    """Search with the credentials that a request chose, or with the common ones.

    Raises: as `find_set`, `find_credentials` and `search`.
    """
    used = find_set(chosen) if chosen else COMMON
    cookie_name = COOKIE_PREFIX + (chosen.name if chosen else COMMON_NAME)
    cookie, settings = context.request.cookies.get(cookie_name), persons_settings()
    credentials = find_credentials(used.keys)
    login = CallerLogin(credentials, context.deadline, cookie_name, cookie, context.set_cookies)
    persons = Collection(settings.persons_collection, login, context.deadline)
    where = f"{login.endpoint} {settings.persons_collection}"
    found = derived_columns().use(where, settings.fields, lambda fields: search(context.body, persons, fields))
    context.audit.update(credentials=used.name, hits=found.hits_count)
    if found.close_hits is not UNSET:
        context.audit["close"] = found.close_hits
    return found
