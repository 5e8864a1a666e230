"""The service-role client of Supabase: tables and functions of the database, through PostgREST.

It speaks HTTP itself. Of `supabase`, the part that talks to tables is `postgrest`; importing it takes 55 ms where httpx
takes 10 (beside redis and pydantic, which are there anyway), on every cold start that meets no cached snapshot. What it
would add for a call is one line, and its errors hold neither the status nor Retry-After, which decide the answer here.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus

import httpx
from pydantic import BaseModel, JsonValue, SecretStr, ValidationError

from petition import secrets, upstream
from petition.errors import UpstreamTimeout
from petition.service_url import ServiceUrl
from petition.settings import Settings
from petition.warm import kept

# Postgres: query_canceled, which is what a statement_timeout raises.
QUERY_CANCELED = "57014"


class ServiceRoleSettings(Settings):
    """The project, and the key that passes its row-level security: `sb_secret_...`, or a service_role JWT."""

    supabase_url: ServiceUrl
    supabase_secret_key: SecretStr


class _Problem(BaseModel):
    code: str | None = None


def rpc(name: str, arguments: Mapping[str, JsonValue], *, timeout: float, repeatable: bool = False) -> JsonValue:
    """Call a function of the database as the service role.

    Args:
        name: the function's name, in schema `public`.
        arguments: by parameter name.
        timeout: seconds for each of connecting, sending and the next piece of the answer.
        repeatable: whether calling it twice does no harm, so that it is sent again where the connection was dead.

    Returns:
        What the function returned.

    Raises:
        UpstreamTimeout: no answer in time, or the database cancelled the statement.
        UpstreamBusy: Supabase said 429 or 503.
        UpstreamError: it failed, refused the key, or cannot be reached.
        SettingsError: SUPABASE_URL or SUPABASE_SECRET_KEY is missing or malformed.
    """

    def request(settings: ServiceRoleSettings) -> httpx.Request:
        url, body = f"{settings.supabase_url}/rest/v1/rpc/{name}", dict(arguments)
        return upstream.client().build_request("POST", url, headers=_headers(settings), json=body, timeout=timeout)

    return _asked(request, repeatable=repeatable)


def rows(table: str, conditions: Mapping[str, str], *, timeout: float) -> JsonValue:
    """The rows of a table, 1,000 at most, that meet the conditions, e.g. `{"id": "eq.5", "select": "id,title"}`.

    Raises: as `rpc`.
    """

    def request(settings: ServiceRoleSettings) -> httpx.Request:
        url, query = f"{settings.supabase_url}/rest/v1/{table}", dict(conditions)
        return upstream.client().build_request("GET", url, headers=_headers(settings), params=query, timeout=timeout)

    return _asked(request, repeatable=True)


def _asked(request: Callable[[ServiceRoleSettings], httpx.Request], *, repeatable: bool) -> JsonValue:
    """Ask, and once more with a new key where the old one is refused and was rotated."""
    settings = _settings()
    response = upstream.send(request(settings), repeatable=repeatable)
    if response.status_code == HTTPStatus.UNAUTHORIZED and (renewed := secrets.another(settings, _settings_anew)):
        response = upstream.send(request(renewed), repeatable=repeatable)
    if _was_cancelled(response):
        raise UpstreamTimeout
    return upstream.json_of(response)


@kept
def _settings() -> ServiceRoleSettings:
    return ServiceRoleSettings.load()


def _settings_anew() -> ServiceRoleSettings:
    _settings.cache_clear()
    return _settings()


def _headers(settings: ServiceRoleSettings) -> dict[str, str]:
    key = settings.supabase_secret_key.get_secret_value()
    # A service_role JWT counts in Authorization alone, an sb_secret key in apikey; each is allowed in both.
    return {"apikey": key, "Authorization": f"Bearer {key}"}


def _was_cancelled(response: httpx.Response) -> bool:
    if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return False
    try:
        return _Problem.model_validate_json(response.content).code == QUERY_CANCELED
    except ValidationError:
        return False
