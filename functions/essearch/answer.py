"""What both routes do once they know the credentials."""

from essearch.query import SearchAnswer, SearchQuery
from essearch.search import persons_settings, search
from petition.api import Call
from petition.directus import Collection, Credentials
from petition.directus_session import DirectusSession

COOKIE_PREFIX = "directus_token_"


def find_persons(call: Call[SearchQuery], credentials: Credentials, name: str) -> SearchAnswer:
    """Search with these credentials, whose token the caller's browser keeps under `name`."""
    settings = persons_settings()
    cookie_name = COOKIE_PREFIX + name
    session = DirectusSession(credentials, cookie_name, call.cookies.get(cookie_name), call.deadline, call.set_cookies)

    def ask(token: str) -> SearchAnswer:
        persons = Collection(credentials.endpoint, settings.persons_collection, token, call.deadline)
        return search(call.query, persons, settings.persons_fields)

    found = session.run(ask)
    call.audit.update(credentials=name, hits=found.hits_count)
    return found
