"""The answers that routes must give, and the meaning of wrong ones."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import httpx

from local.gateway.template import Route, load
from tools.artifact import ROOT

TEMPLATE: Final = ROOT / "template.yaml"
SECONDS: Final = 30.0
# A new API and a new DNS entry answer within seconds; the first request of each function starts it.
ATTEMPTS: Final = 3
PAUSE_SECONDS: Final = 2.0

type Body = Mapping[str, object]


@dataclass(frozen=True)
class Target:
    """A deployment to try.

    Attributes:
        api: its address.
        log: how to read the log of a `{function}`.
        token: an access token; None to try only as a stranger.
        campaign: a campaign's id, for the duplicate check; None skips it.
        voter: any voter's id.
        chart: the id of a chart to generate; None skips it.
        open_to_all: the paths that need no session.
    """

    api: str
    log: str
    token: str | None = None
    campaign: str | None = None
    voter: str | None = None
    chart: str | None = None
    open_to_all: set[str] = field(default_factory=set)


def route_faults(target: Target, write: Callable[[str], object]) -> Iterator[str]:
    """Try every route of the template: write a line for each, and yield a sentence for each fault."""
    with httpx.Client(base_url=target.api, timeout=SECONDS) as client:
        for route in load(TEMPLATE).routes:
            faults = [*_stranger_faults(client, route, target), *_signed_in_faults(client, route, target)]
            write(f"{'wrong' if faults else 'ok':6}{route.key}\n")
            yield from (f"{route.key} {fault} Look at the log: {_log(target, route)}" for fault in faults)


def _log(target: Target, route: Route) -> str:
    return target.log.format(function=route.function)


def _stranger_faults(client: httpx.Client, route: Route, target: Target) -> Iterator[str]:
    answer = _post(client, route.path.replace("{id}", "0"), {}, None)
    if isinstance(answer, str):
        yield answer
    elif route.path in target.open_to_all:
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            yield f"answers a stranger {_describe_answer(answer)}."
    elif (answer.status_code, _code(answer)) != (HTTPStatus.UNAUTHORIZED, "unauthenticated"):
        yield f"answers a stranger {_describe_answer(answer)}, not 401."


def _signed_in_faults(client: httpx.Client, route: Route, target: Target) -> Iterator[str]:
    request = request_for(route, target)
    if target.token is None or request is None:
        return
    path, body = request
    answer = _post(client, path, {"authorization": f"Bearer {target.token}"}, body)
    if isinstance(answer, str):
        yield answer
    elif answer.status_code != HTTPStatus.OK:
        yield f"answers a session {_describe_answer(answer)}, not 200. {MEANING.get(_code(answer), '')}".rstrip()


def request_for(route: Route, target: Target) -> tuple[str, Body] | None:
    """Return a harmless request to a route, its path and body; None if the target names nothing to ask for."""
    match route.path:
        case "/api/essearch":
            body: Body = {"lastName": "Smith", "limit": 1, "credentials": {"name": "smoke"}}
        case "/api/essearch-common":
            body = {"lastName": "Smith", "limit": 1}
        case "/api/duplicate" if target.campaign:
            body = {"campaignId": target.campaign, "voterId": target.voter or "0"}
        case "/api/charts/{id}" if target.chart:
            body = {}
        case "/api/permissions/revalidate":
            body = {}
        case _:
            return None
    return route.path.replace("{id}", target.chart or ""), body


def _post(client: httpx.Client, path: str, headers: Mapping[str, str], body: Body | None) -> httpx.Response | str:
    """Return the answer, or a sentence that says why there is none."""
    for attempt in range(ATTEMPTS):
        try:
            return client.post(path, headers=headers, json=body)
        except httpx.TimeoutException:
            return f"did not answer within {SECONDS:.0f} seconds."
        except httpx.TransportError:
            time.sleep(PAUSE_SECONDS if attempt + 1 < ATTEMPTS else 0)
    return f"cannot be reached: nothing answers at {client.base_url}."


def _code(answer: httpx.Response) -> str:
    """Return the contract's `code`; "" if API Gateway answered by itself."""
    try:
        body = answer.json()
    except ValueError:
        return ""
    return str(body.get("code", "")) if isinstance(body, dict) else ""


def _describe_answer(answer: httpx.Response) -> str:
    if code := _code(answer):
        return f"{answer.status_code} {code} (request {answer.headers.get('x-request-id', 'without an id')})"
    return f"{answer.status_code} {GATEWAY_STATUSES.get(answer.status_code, 'which none of our functions answers')}"


GATEWAY_STATUSES: Final[Mapping[int, str]] = {
    HTTPStatus.NOT_FOUND: "as the API has no such route",
    HTTPStatus.INTERNAL_SERVER_ERROR: "as the function crashed, or could not start",
    HTTPStatus.SERVICE_UNAVAILABLE: "as the function ran out of time, or was throttled",
    HTTPStatus.FORBIDDEN: "as the API refuses this address",
    HTTPStatus.TOO_MANY_REQUESTS: "as the route's limit is reached",
}
"""The meaning of a status that API Gateway answers by itself."""

MEANING: Final[Mapping[str, str]] = {
    "unauthenticated": "The session is refused: is it of the project at SupabaseUrl, and is its signing key known?",
    "forbidden": "The session's user lacks the permission of this route.",
    "not_found": "What SMOKE_CAMPAIGN or SMOKE_CHART names does not exist.",
    "internal_error": "A setting or secret is missing or malformed; the log names it.",
    "upstream_error": "Directus or Supabase refuses the service's credentials, or fails.",
    "upstream_busy": "Directus or Supabase is busy.",
    "upstream_timeout": "Directus or Supabase does not answer: is its address right?",
    "redis_unavailable": "Redis does not answer, or refuses the password.",
}
