"""The service-role client of Supabase: tables and functions of the database, through PostgREST.

It speaks HTTP itself. Of `supabase`, the part that talks to tables is `postgrest`: it imports httpx and pydantic, on
every cold start that meets no cached snapshot. What it would add for a call is one line, and its errors hold neither
the status nor Retry-After, which decide the answer here.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from petition.clients.service_role import ServiceRoleSettings, renewed_service_role, service_role
from petition.deadline import Deadline
from petition.errors import UpstreamTimeout
from petition.upstream import client as upstream
from petition.validation import JsonValue

# Postgres: query_canceled, which is what a statement_timeout raises.
QUERY_CANCELED = "57014"


class _Problem(Struct):
    code: str | None = None


def rpc[Value](
    name: str, arguments: Mapping[str, JsonValue], returns: type[Value], *, timeout: float, repeatable: bool = False
) -> Value:
    """Call a function of the database as the service role.

    Args:
        name: the function's name, in schema `public`.
        arguments: by parameter name.
        returns: the type of what it returns.
        timeout: seconds for the whole call.
        repeatable: whether calling it twice does no harm, so that it is sent again where the connection was dead.

    Returns:
        What the function returned.

    Raises:
        UpstreamTimeout: no answer in time, or the database cancelled the statement.
        UpstreamBusy: Supabase said 429 or 503.
        UpstreamError: it failed, refused the key, cannot be reached, or returned something else.
        SettingsError: SUPABASE_URL or SUPABASE_SECRET_KEY is missing or malformed.
    """
    call = _Call("POST", f"rpc/{name}", dict(arguments), repeatable=repeatable)
    return upstream.json_of(_answer(call, timeout), returns)


def rows[Row](table: str, conditions: Mapping[str, str], row: type[Row], *, timeout: float) -> list[Row]:
    """The rows of a table, 1,000 at most, that meet the conditions, e.g. `{"id": "eq.5", "select": "id,title"}`.

    Raises: as `rpc`.
    """
    call = _Call("GET", f"{table}?{urlencode(conditions)}", None, repeatable=True)
    return upstream.json_of(_answer(call, timeout), list[row])  # type: ignore[valid-type]


class _Call(NamedTuple):
    """What is asked of the REST interface; the path is relative to it."""

    method: str
    path: str
    body: JsonValue
    repeatable: bool


def _answer(call: _Call, seconds: float) -> upstream.Answer:
    """Ask, and once more with a new key where the old one is refused and was rotated."""
    deadline, settings = Deadline(seconds), service_role()
    answer = _sent(call, settings, seconds)
    if answer.status == HTTPStatus.UNAUTHORIZED and (renewed := renewed_service_role(settings)):
        answer = _sent(call, renewed, deadline.within(seconds))
    if _was_cancelled(answer):
        raise UpstreamTimeout
    return answer


def _sent(call: _Call, settings: ServiceRoleSettings, seconds: float) -> upstream.Answer:
    key = settings.supabase_secret_key
    # A service_role JWT counts in Authorization alone, an sb_secret key in apikey; each is allowed in both.
    headers = {"apikey": key, "Authorization": f"Bearer {key}"}
    url = f"{settings.supabase_url}/rest/v1/{call.path}"
    return upstream.send(call.method, url, headers=headers, seconds=seconds, repeatable=call.repeatable, body=call.body)


def _was_cancelled(answer: upstream.Answer) -> bool:
    if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return False
    try:
        return msgspec.json.decode(answer.content, type=_Problem).code == QUERY_CANCELED
    except (ValueError, RecursionError):
        return False
