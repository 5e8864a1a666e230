"""Supabase's database as the service role: tables and functions, through PostgREST."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from petition.clients.service_role import service_role
from petition.errors import UpstreamTimeout
from petition.process_singleton import process_singleton
from petition.upstream.client import Response, RotatingAuth, read_json, send_request
from petition.validation import JsonValue

# Postgres: query_canceled, which is what a statement_timeout raises.
QUERY_CANCELED = "57014"


class _Problem(Struct):
    code: str | None = None


def rpc[Value](name: str, arguments: Mapping[str, JsonValue], returns: type[Value], *, timeout: float) -> Value:
    """Call a function of the database as the service role. It must be harmless to call it twice.

    Args:
        name: the function's name, in schema `public`.
        arguments: by parameter name.
        returns: the type of what it returns.
        timeout: seconds for the whole call.

    Returns:
        What the function returned.

    Raises:
        UpstreamTimeout: no answer in time, or the database cancelled the statement.
        UpstreamBusy: Supabase said 429 or 503.
        UpstreamError: it failed, refused the key, cannot be reached, or returned something else.
        SettingsError: SUPABASE_URL or SUPABASE_SECRET_KEY is missing or malformed.
    """
    return read_json(_send("POST", f"rpc/{name}", dict(arguments), timeout), returns)


def rows[Row](table: str, conditions: Mapping[str, str], row: type[Row], *, timeout: float) -> list[Row]:
    """The rows of a table, 1,000 at most, that meet the conditions, e.g. `{"id": "eq.5", "select": "id,title"}`.

    Raises: as `rpc`.
    """
    response = _send("GET", f"{table}?{urlencode(conditions)}", None, timeout)
    return read_json(response, list[row])  # type: ignore[valid-type]


def _send(method: str, path: str, body: JsonValue, seconds: float) -> Response:
    url = f"{service_role().value.rest_url}/{path}"
    response = send_request(method, url, seconds=seconds, json=body, auth=_auth())
    if _is_cancelled(response):
        raise UpstreamTimeout
    return response


@process_singleton
def _auth() -> RotatingAuth:
    return RotatingAuth(lambda: service_role().value.headers, lambda: service_role().renew())


def _is_cancelled(response: Response) -> bool:
    if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return False
    try:
        return msgspec.json.decode(response.content, type=_Problem).code == QUERY_CANCELED
    except (ValueError, RecursionError):
        return False
