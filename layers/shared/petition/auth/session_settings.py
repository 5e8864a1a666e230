"""Whose sessions count."""

from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta

from petition.config.service_url import ServiceUrl
from petition.config.settings import Settings


class SessionSettings(Settings):
    """The project whose sessions count.

    Attributes:
        supabase_url: the project; sessions signed with the keys that it publishes count.
        supabase_jwt_secret: if set, sessions signed with it (HS256) also count. At least 32 bytes (RFC 7518).
        supabase_jwt_issuer: the `iss` that a token must have. If unset, a token without one counts (Supabase Lite's),
            and one that names an issuer must name this project.
        supabase_jwt_audience: the `aud` that a token must have.
        supabase_jwt_role: the `role` that a token must have. This rejects the project's API keys, which are signed
            tokens too.
        supabase_cookie_name: the `cookieOptions.name` of `@supabase/ssr`, if the frontend sets it.
    """

    supabase_url: ServiceUrl
    supabase_jwt_secret: Annotated[str, Meta(min_length=32)] | None = None
    supabase_jwt_issuer: str | None = None
    supabase_jwt_audience: str = "authenticated"
    supabase_jwt_role: str = "authenticated"
    supabase_cookie_name: str | None = None

    @property
    def cookie_name(self) -> str:
        """The cookie in which `@supabase/ssr` keeps the session: named after the first label of the project's host."""
        label = (urlsplit(self.supabase_url).hostname or "").partition(".")[0]
        return self.supabase_cookie_name or f"sb-{label}-auth-token"

    @property
    def auth_url(self) -> str:
        """The project's auth server, which is the issuer of its tokens."""
        return f"{self.supabase_url}/auth/v1"

    @property
    def issuers(self) -> frozenset[str | None]:
        """Each `iss` that a token may have."""
        return frozenset({self.supabase_jwt_issuer} if self.supabase_jwt_issuer else {None, self.auth_url})
