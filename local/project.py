"""Use the stack's Supabase project through Supabase's own client."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from supabase_auth.errors import AuthError

from local.loopback import LOOPBACK
from supabase import Client, ClientOptions, create_client

__all__ = ["AuthError", "connect", "sign_in"]

SECONDS = 30


@contextmanager
def connect(url: str, key: str) -> Iterator[Client]:
    """Create a client of the project for the length of a block. Once it signs somebody in, it acts as them."""
    with httpx.Client(timeout=SECONDS, **LOOPBACK) as http:
        yield create_client(url, key, ClientOptions(httpx_client=http, auto_refresh_token=False, persist_session=False))


def sign_in(url: str, publishable_key: str, email: str, password: str) -> tuple[str, str]:
    """Sign in as a browser does.

    Returns:
        the user's id and a new access token.

    Raises:
        AuthError: the project refuses.
        httpx.HTTPError: it does not answer.
    """
    with connect(url, publishable_key) as client:
        answer = client.auth.sign_in_with_password({"email": email, "password": password})
    if answer.user is None or answer.session is None:
        raise AuthError("Signing in gave no session.", None)
    return answer.user.id, answer.session.access_token
