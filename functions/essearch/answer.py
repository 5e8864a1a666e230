"""What both routes do once they know where the credentials are."""

from collections.abc import Callable

from essearch.credentials import CommonEndpoint, CommonLogin
from essearch.query import SearchAnswer, SearchQuery
from essearch.search import persons_settings, search
from petition.api import Call
from petition.directus import Collection, Credentials, LoginRefused
from petition.directus_session import DirectusSession
from petition.errors import UpstreamError
from petition.settings import another
from petition.token_cookie import TokenCookie, token_cookie

COOKIE_PREFIX = "directus_token_"
# What a search needs; one that names credentials of its own may need no common ones, but a deployment has them.
PARTS = (CommonEndpoint.load, CommonLogin.load, token_cookie, persons_settings)


def find_persons(call: Call[SearchQuery], credentials: Callable[[], Credentials], name: str) -> SearchAnswer:
    """Search with these credentials, whose token the caller's browser keeps under `name`.

    Where Directus refuses them and their secret was rotated, once more with the new ones.
    """
    cookie_name = COOKIE_PREFIX + name
    chosen = _chosen(call, credentials, cookie_name)
    try:
        found = _found(call, chosen, cookie_name)
    except LoginRefused:
        renewed = another(chosen, credentials)
        if renewed is None:
            raise
        found = _found(call, renewed, cookie_name)
    call.audit.update(credentials=name, hits=found.hits_count)
    return found


def _chosen(call: Call[SearchQuery], credentials: Callable[[], Credentials], cookie_name: str) -> Credentials:
    """The credentials; where they make no login, the cookie is cleared as after one that Directus refused.

    Else the answer would tell which of the two it was.
    """
    try:
        return credentials()
    except UpstreamError:
        if call.request.cookies.get(cookie_name):
            call.set_cookies[:] = [TokenCookie.expired(cookie_name)]
        raise


def _found(call: Call[SearchQuery], credentials: Credentials, cookie_name: str) -> SearchAnswer:
    settings, sent = persons_settings(), call.request.cookies.get(cookie_name)
    session = DirectusSession(credentials, cookie_name, sent, call.deadline, call.set_cookies)

    def ask(token: str) -> SearchAnswer:
        persons = Collection(credentials.endpoint, settings.persons_collection, token, call.deadline)
        return search(call.query, persons, settings.fields)

    return session.run(ask)
