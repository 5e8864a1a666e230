"""Supabase's tables and functions, called as the service role through PostgREST."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import msgspec
from msgspec import Struct
from postgrest import SyncPostgrestClient, SyncRPCFilterRequestBuilder, SyncSelectRequestBuilder

from petition.clients.service_role import service_role
from petition.deadline import time_limit
from petition.errors import UpstreamTimeout
from petition.process_singleton import process_singleton
from petition.upstream.client import RotatingAuth, http_client, read_json
from petition.validation import JsonValue

if TYPE_CHECKING:
    from petition.upstream.client import Response

# PostgreSQL's query_canceled, which is what a statement_timeout raises.
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
        UpstreamBusy: Supabase answered 429 or 503.
        UpstreamError: it failed, refused the key, cannot be reached, or returned something else.
        SettingsError: SUPABASE_URL or SUPABASE_SECRET_KEY is missing or malformed.
    """
    # Typed as text, but sent as any JSON.
    return _execute(_database().rpc(name, cast("dict[str, str]", arguments)), returns, timeout)


def select_rows[Row](
    table: str, columns: str, row: type[Row], *, where: Mapping[str, str], timeout: float
) -> list[Row]:
    """Read the rows of a table, at most 1,000, whose columns have the values of `where`.

    Args:
        table: its name, in schema `public`.
        columns: as PostgREST takes them, e.g. `id,config::text`.
        row: the type of a row.
        where: value by column.
        timeout: seconds for the whole call.

    Raises: as `rpc`.
    """
    query = _database().from_(table).select(columns)
    for column, value in where.items():
        query = query.eq(column, value)
    return _execute(query, list[row], timeout)  # type: ignore[valid-type]


def _execute[Value](
    query: SyncRPCFilterRequestBuilder | SyncSelectRequestBuilder, returns: type[Value], seconds: float
) -> Value:
    """Send a query as it was built. Its own `execute` would parse a chart that is only passed on."""
    request = query.request
    with time_limit(seconds):
        response = request.send(request.headers.copy())
    if _is_cancelled(response):
        raise UpstreamTimeout
    return read_json(response, returns)


@process_singleton
def _database() -> SyncPostgrestClient:
    """Return the process's database client. It must not retry: it sleeps between attempts, past any deadline."""
    role = service_role()
    client = SyncPostgrestClient(role.value.rest_url, http_client=http_client(), retry_enabled=False)
    # The client passes any auth on to httpx.
    client.basic_auth = cast("Any", RotatingAuth(lambda: role.value.headers, role.renew))
    return client


def _is_cancelled(response: "Response") -> bool:
    if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return False
    try:
        return msgspec.json.decode(response.content, type=_Problem).code == QUERY_CANCELED
    except (ValueError, RecursionError):
        return False
