"""Serves the pages, and what they must know of the running stack."""

import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from local.description import Description, UserAccess

# Another site whose name resolves to this machine (DNS rebinding) must not see the demo users' passwords.
NAMES = frozenset({"localhost", "127.0.0.1"})
HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self' http://localhost:*; style-src 'self' 'unsafe-inline';"
        " img-src 'self' data:; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}


@dataclass
class Site:
    """The pages. `stack` is set once the stack runs."""

    files: Mapping[str, Path]
    stack: Description | None = None

    async def answer(self, request: web.BaseRequest) -> web.Response | None:
        """Answer a GET of one of the pages.

        Returns:
            None for any other request.
        """
        if request.method != "GET" or (request.url.host or "") not in NAMES:
            return None
        if request.path == "/pages/stack.json" and self.stack:
            return _respond(json.dumps(_public(self.stack)).encode(), "application/json")
        path = self.files.get(request.path)
        return _respond(path.read_bytes(), mimetypes.guess_type(path)[0] or "text/javascript") if path else None


def _public(stack: Description) -> dict[str, object]:
    """Return what a page may know: no secret key, and no address of a service that browsers do not call."""
    return {
        "api": stack.api,
        "supabase": {"url": stack.supabase.url, "publishableKey": stack.supabase.publishable_key},
        "users": {"organizer": _account(stack.users.organizer), "viewer": _account(stack.users.viewer)},
        "campaign": stack.campaign.model_dump(by_alias=True),
        "chart": stack.chart.model_dump(by_alias=True),
    }


def _account(user: UserAccess) -> dict[str, str]:
    return {"id": user.id, "email": user.email, "password": user.password}


def _respond(content: bytes, content_type: str) -> web.Response:
    return web.Response(body=content, content_type=content_type, charset="utf-8", headers=HEADERS)
