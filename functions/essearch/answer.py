"""What both routes do once they know where the credentials are."""

from essearch.credentials import (
    ChosenCredentials,
    CommonEndpoint,
    CommonLogin,
    Keys,
    credentials_anew,
    credentials_for,
)
from essearch.query import SearchAnswer, SearchQuery
from essearch.search import persons_settings, search
from petition.api import Call
from petition.directus import Collection, Credentials, LoginRefused
from petition.directus_session import DirectusSession
from petition.errors import UpstreamError
from petition.settings import another
from petition.token_cookie import TokenCookie, token_cookie

COOKIE_PREFIX = "directus_token_"
COMMON_NAME = "search"
# What a search needs; one that names credentials of its own may need no common ones, but a deployment has them.
PARTS = (CommonEndpoint.load, CommonLogin.load, token_cookie, persons_settings)


def find_persons(call: Call[SearchQuery], chosen: ChosenCredentials | None) -> SearchAnswer:
    """Search with the credentials that a request chose, or with the common ones; the caller's browser keeps the token.

    Where Directus refuses them and their secret was rotated, once more with the new ones.
    """
    name, keys = (chosen.name, chosen.keys) if chosen else (COMMON_NAME, None)
    cookie_name = COOKIE_PREFIX + name
    credentials = _credentials(call, keys, cookie_name)
    try:
        found = _found(call, credentials, cookie_name)
    except LoginRefused:
        renewed = another(credentials, lambda: credentials_anew(keys))
        if renewed is None:
            raise
        found = _found(call, renewed, cookie_name)
    call.audit.update(credentials=name, hits=found.hits_count)
    return found


def _credentials(call: Call[SearchQuery], keys: Keys | None, cookie_name: str) -> Credentials:
    """The credentials; where they make no login, the cookie is cleared as after one that Directus refused.

    Else the answer would tell which of the two it was.
    """
    try:
        return credentials_for(keys)
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
