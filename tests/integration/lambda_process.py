"""A warm Lambda process in this one: its environment, and events to its handlers."""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from io import StringIO
from logging import StreamHandler
from typing import Any

import jwt
import pytest

from petition.clients import redis
from petition.http.handler import Handler
from petition.http.request import HttpEvent
from petition.telemetry import logger
from petition.upstream.client import http_client
from petition.upstream.deadline_transport import connections
from tests import aws
from tools.artifact import ROOT

SESSION_SECRET = "made-up, and of the 32 bytes that HS256 asks for"
SESSIONS = {"SUPABASE_URL": "https://project.example", "SUPABASE_JWT_SECRET": SESSION_SECRET}
USER = "01a2074c-0000-7000-8000-3e29c40bab57"
SECONDS = 20.0  # an invocation's time, unless a test says otherwise
OURS = {"petition", *(each.parent.name for each in (ROOT / "functions").glob("*/__init__.py"))}


@dataclass(frozen=True)
class Answer:
    """A handler's answer. `seconds` is how long it took."""

    status: int
    headers: Mapping[str, str]
    cookies: Sequence[str]
    body: dict[str, Any]
    seconds: float

    @property
    def code(self) -> str:
        """An error's `code`."""
        return str(self.body["code"])

    @property
    def jar(self) -> dict[str, str]:
        """The cookies that a browser sends back: those that were set, without those that were deleted."""
        morsels = SimpleCookie("; ".join(self.cookies))
        return {name: morsel.value for name, morsel in morsels.items() if morsel["max-age"] != "0"}


class Context:
    """The invocation's context, with a deadline so many seconds from its making."""

    aws_request_id = "from-lambda"

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return int((self._end - time.monotonic()) * 1000)


def post(
    handler: Handler,
    body: object,
    *,
    cookies: Mapping[str, str] | None = None,
    url_query: str = "",
    seconds: float = SECONDS,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send a JSON body as the organizer. Text is sent as it is."""
    text = body if isinstance(body, str) else json.dumps(body)
    event = _event(text, cookies or {}, url_query, headers or {})
    began = time.monotonic()
    result = handler(event, Context(seconds))
    took = time.monotonic() - began
    return Answer(result["statusCode"], result["headers"], result["cookies"], json.loads(result["body"]), took)


def _event(body: str, cookies: Mapping[str, str], url_query: str, headers: Mapping[str, str]) -> HttpEvent:
    return {
        "headers": {"content-type": "application/json", "authorization": f"Bearer {session()}", **headers},
        "cookies": [f"{name}={value}" for name, value in cookies.items()],
        "rawQueryString": url_query,
        "requestContext": {"requestId": "from-gateway"},
        "body": body,
    }


def session(user: str = USER) -> str:
    """Return a session's access token, as the project's auth server would sign it."""
    claims = {"sub": user, "role": "authenticated", "aud": "authenticated", "exp": int(time.time()) + 600}
    return jwt.encode(claims, SESSION_SECRET)


def encode_permissions(*permissions: str, user: str = USER, campaign: str = "*") -> str:
    """Return the cached permission set, as JSON, of somebody who holds these in a campaign, or everywhere."""
    held = list(permissions)
    return json.dumps({"userId": user, "roles": ["organizer"], "permissions": held, "campaigns": {campaign: held}})


@contextmanager
def process(environment: Mapping[str, str]) -> Iterator[None]:
    """Act as a fresh process for the length of a block, warm from its first request on."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        forget()
        try:
            yield
        finally:
            forget()


@contextmanager
def capture_log() -> Iterator[StringIO]:
    """Capture what the functions log in a block. Their handler keeps the stream that it was created with."""
    stream = StringIO()
    handlers = [handler for handler in logger.handlers if isinstance(handler, StreamHandler)]
    before = [handler.setStream(stream) for handler in handlers]
    yield stream
    for handler, kept in zip(handlers, before, strict=True):
        handler.setStream(kept)


def close_connections() -> None:
    """Close a process's connections to its upstreams. The next call opens new ones."""
    if http_client.cache_info().currsize:
        http_client().close()
    http_client.cache_clear()
    aws.close_connections()


def forget() -> None:
    """Drop everything that a process keeps between requests."""
    close_connections()
    if redis.connection.cache_info().currsize:
        redis.connection().close()
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] in OURS]
    values = [value for module in modules for value in vars(module).values() if not isinstance(value, type)]
    # What is left of closed connections is the certificates of all authorities: reading them takes 30 ms each time.
    for kept in [value for value in values if hasattr(value, "cache_clear") and value is not connections]:
        kept.cache_clear()
