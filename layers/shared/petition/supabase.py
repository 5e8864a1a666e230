"""The service-role client of Supabase: tables and functions of the database, through PostgREST.

It speaks HTTP itself. Of `supabase`, the part that talks to tables is `postgrest`; importing it takes 55 ms where httpx
takes 10 (beside redis, which is there anyway), on every cold start that meets no cached snapshot. What it
would add for a call is one line, and its errors hold neither the status nor Retry-After, which decide the answer here.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus

import httpx
import msgspec
from msgspec import Struct

from petition import upstream
from petition.errors import UpstreamTimeout
from petition.model import JsonValue
from petition.service_role import ServiceRoleSettings, renewed_service_role, service_role

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
        timeout: seconds for each of connecting, sending and the next piece of the answer.
        repeatable: whether calling it twice does no harm, so that it is sent again where the connection was dead.

    Returns:
        What the function returned.

    Raises:
        UpstreamTimeout: no answer in time, or the database cancelled the statement.
        UpstreamBusy: Supabase said 429 or 503.
        UpstreamError: it failed, refused the key, cannot be reached, or returned something else.
        SettingsError: SUPABASE_URL or SUPABASE_SECRET_KEY is missing or malformed.
    """

    def request(settings: ServiceRoleSettings) -> httpx.Request:
        url, body = f"{settings.supabase_url}/rest/v1/rpc/{name}", dict(arguments)
        return upstream.client().build_request("POST", url, headers=_headers(settings), json=body, timeout=timeout)

    return upstream.json_of(_asked(request, repeatable=repeatable), returns)


def rows[Row](table: str, conditions: Mapping[str, str], row: type[Row], *, timeout: float) -> list[Row]:
    """The rows of a table, 1,000 at most, that meet the conditions, e.g. `{"id": "eq.5", "select": "id,title"}`.

    Raises: as `rpc`.
    """

    def request(settings: ServiceRoleSettings) -> httpx.Request:
        url, query = f"{settings.supabase_url}/rest/v1/{table}", dict(conditions)
        return upstream.client().build_request("GET", url, headers=_headers(settings), params=query, timeout=timeout)

    return upstream.json_of(_asked(request, repeatable=True), list[row])  # type: ignore[valid-type]


def _asked(request: Callable[[ServiceRoleSettings], httpx.Request], *, repeatable: bool) -> httpx.Response:
    """Ask, and once more with a new key where the old one is refused and was rotated."""
    settings = service_role()
    response = upstream.send(request(settings), repeatable=repeatable)
    if response.status_code == HTTPStatus.UNAUTHORIZED and (renewed := renewed_service_role(settings)):
        response = upstream.send(request(renewed), repeatable=repeatable)
    if _was_cancelled(response):
        raise UpstreamTimeout
    return response


def _headers(settings: ServiceRoleSettings) -> dict[str, str]:
    key = settings.supabase_secret_key
    # A service_role JWT counts in Authorization alone, an sb_secret key in apikey; each is allowed in both.
    return {"apikey": key, "Authorization": f"Bearer {key}"}


def _was_cancelled(response: httpx.Response) -> bool:
    if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return False
    try:
        return msgspec.json.decode(response.content, type=_Problem).code == QUERY_CANCELED
    except (ValueError, RecursionError):
        return False
