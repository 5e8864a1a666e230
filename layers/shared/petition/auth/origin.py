"""The check that a page may send a user's cookie.

A browser sends a cookie with what any page of the same site posts. It asks first whether a page may send JSON (CORS).
It does not ask for a request without a body, so the origin of such a request is checked here.
"""

from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

from petition.config.settings import Settings
from petition.errors import Forbidden

MESSAGE = "This website may not do that for you."


class OriginSettings(Settings):
    """The origins whose pages may call with cookies, as CORS allows them: comma-separated."""

    allowed_origins: str = ""


def require_own_origin(headers: Mapping[str, str]) -> None:
    """Refuse a request that a page of a foreign origin makes with a cookie.

    A program, which sends no origin, passes. So does a request with a bearer token: no page can send another's token.

    Raises:
        Forbidden: the origin is neither the API's own nor allowed.
    """
    if headers.get("authorization", "").lower().startswith("bearer "):
        return
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site in {"same-origin", "none"} or (site is None and origin is None):
        return
    if origin is None or not (origin in _allowed_origins() or _is_own(origin, headers)):
        raise Forbidden(MESSAGE)


def _is_own(origin: str, headers: Mapping[str, str]) -> bool:
    """Check whether it is the called host: this API, or a frontend that forwards calls (Next.js's rewrites)."""
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return False
    return bool(host) and host in {headers.get("host"), headers.get("x-forwarded-host")}


@cache
def _allowed_origins() -> frozenset[str]:
    return frozenset(filter(None, OriginSettings.load().allowed_origins.split(",")))
