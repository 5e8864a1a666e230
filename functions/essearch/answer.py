"""What both routes do once they know where the credentials are."""

from essearch.credentials import (
    ChosenCredentials,
    CommonEndpoint,
    CommonLogin,
    Keys,
    RotatingCredentials,
    find_credentials,
)
from essearch.query import SearchAnswer, SearchQuery
from essearch.search import persons_settings, search
from petition.clients.directus import Collection, Credentials, LoginRefused
from petition.clients.directus_session import DirectusSession
from petition.clients.token_cookie import TokenCookie, token_cookie
from petition.errors import UpstreamError
from petition.http.route import RequestContext

COOKIE_PREFIX = "directus_token_"
COMMON_NAME = "search"
# What a search needs; one that names credentials of its own may need no common ones, but a deployment has them.
INIT_HOOKS = (CommonEndpoint.load, CommonLogin.load, token_cookie, persons_settings)


def find_persons(context: RequestContext[SearchQuery], chosen: ChosenCredentials | None) -> SearchAnswer:
    """Search with the credentials that a request chose, or with the common ones; the caller's browser keeps the token.

    Where Directus refuses them and their secret was rotated, once more with the new ones.
    """
    name, keys = (chosen.name, chosen.keys) if chosen else (COMMON_NAME, None)
    cookie_name = COOKIE_PREFIX + name
    credentials = _credentials(context, keys, cookie_name)
    try:
        found = _found(context, credentials.value, cookie_name)
    except LoginRefused:
        if not credentials.renew():
            raise
        found = _found(context, credentials.value, cookie_name)
    context.audit.update(credentials=name, hits=found.hits_count)
    return found


def _credentials(context: RequestContext[SearchQuery], keys: Keys | None, cookie_name: str) -> RotatingCredentials:
    """The credentials; where they make no login, the cookie is cleared as after one that Directus refused.

    Else the answer would tell which of the two it was.
    """
    try:
        return find_credentials(keys)
    except UpstreamError:
        if context.request.cookies.get(cookie_name):
            context.set_cookies[:] = [TokenCookie.expired(cookie_name)]
        raise


def _found(context: RequestContext[SearchQuery], credentials: Credentials, cookie_name: str) -> SearchAnswer:
    settings, sent = persons_settings(), context.request.cookies.get(cookie_name)
    session = DirectusSession(credentials, cookie_name, sent, context.deadline, context.set_cookies)

    def ask(token: str) -> SearchAnswer:
        persons = Collection(credentials.endpoint, settings.persons_collection, token, context.deadline)
        return search(context.body, persons, settings.fields)

    return session.run(ask)
