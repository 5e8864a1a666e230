"""What both routes do once they know where the credentials are."""

from msgspec import UNSET

from essearch.credentials import (
    COMMON,
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
from petition.clients.directus import Collection, Credentials, LoginRefused
from petition.clients.directus_session import DirectusSession
from petition.clients.token_cookie import token_cookie
from petition.http.route import RequestContext

COOKIE_PREFIX = "directus_token_"
COMMON_NAME = "search"
# What a search needs; one that names credentials of its own may need no common ones, but a deployment has them.
INIT_HOOKS = (CommonCredentials.load, DeclaredCredentials.load, token_cookie, persons_settings)


def find_persons(context: RequestContext[SearchQuery], chosen: ChosenCredentials | None) -> SearchAnswer:
    """Search with the credentials that a request chose, or with the common ones; the caller's browser keeps the token.

    Where Directus refuses them and their secret was rotated, once more with the new ones.
    """
    cookie_name = COOKIE_PREFIX + (chosen.name if chosen else COMMON_NAME)
    used = find_set(chosen) if chosen else COMMON
    credentials = find_credentials(used.keys)
    try:
        found = _found(context, credentials.value, cookie_name)
    except LoginRefused:
        if not credentials.renew():
            raise
        found = _found(context, credentials.value, cookie_name)
    context.audit.update(credentials=used.name, hits=found.hits_count)
    if found.close_hits is not UNSET:
        context.audit["close"] = found.close_hits
    return found


def _found(context: RequestContext[SearchQuery], credentials: Credentials, cookie_name: str) -> SearchAnswer:
    settings, sent = persons_settings(), context.request.cookies.get(cookie_name)
    session = DirectusSession(credentials, cookie_name, sent, context.deadline, context.set_cookies)

    def ask(token: str) -> SearchAnswer:
        persons = Collection(credentials.endpoint, settings.persons_collection, token, context.deadline)
        where = f"{credentials.endpoint} {settings.persons_collection}"
        return derived_columns().use(where, settings.fields, lambda fields: search(context.body, persons, fields))

    return session.run(ask)
