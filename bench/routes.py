"""The five routes, each with the request that is measured and what it may cost."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench.stack import BenchStack

type Event = Mapping[str, object]


@dataclass(frozen=True)
class Route:
    """One route.

    Attributes:
        path: as in the template.
        handler: ours; the first part is the feature's folder.
        peer: the module of the peer's handler.
        floor: the module of the floor's handler.
        cold: how many times the peer's time a cold start may take.
        trips: how many round trips to upstreams a warm request may make.
        overhead_ms: what a warm request may take besides them, at the median.
    """

    path: str
    handler: str
    peer: str
    floor: str
    cold: float
    trips: int
    overhead_ms: float


ROUTES: Final = (
    Route("/api/duplicate", "duplicate.app.handler", "duplicate", "redis_alone", 0.5, 1, 0.1),
    Route("/api/essearch", "essearch.app.handler", "search", "redis_and_http", 0.5, 2, 0.45),
    Route("/api/essearch-common", "essearch.common.handler", "search", "redis_and_http", 0.5, 2, 0.45),
    Route("/api/charts/{id}", "charts.app.handler", "charts", "redis_and_http", 0.6, 2, 0.45),
    Route("/api/permissions/revalidate", "permissions.app.handler", "permissions", "redis_alone", 0.6, 1, 0.1),
)


_CALLER: Final = {"method": "POST", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "bench"}


def event(route: Route, stack: BenchStack, cookies: Sequence[str] = ()) -> Event:
    """The request that is measured, as API Gateway hands it over (payload format 2.0)."""
    path = route.path.replace("{id}", stack.chart_id)
    body = _body(route, stack)
    return {
        "version": "2.0",
        "routeKey": f"POST {route.path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"authorization": f"Bearer {stack.token}", "content-type": "application/json", "host": "bench"},
        "cookies": [*cookies],
        "pathParameters": {"id": stack.chart_id} if "{id}" in route.path else {},
        "requestContext": {"http": _CALLER | {"path": path}, "requestId": "bench", "stage": "$default"},
        "isBase64Encoded": False,
    } | ({"body": json.dumps(body)} if body else {})


def _body(route: Route, stack: BenchStack) -> Mapping[str, object] | None:
    match route.path:
        case "/api/duplicate":
            return {"campaignId": stack.campaign_id, "voterId": stack.signed_voter_id}
        case "/api/essearch-common":
            return stack.criteria
        case "/api/essearch":
            return {**stack.criteria, "credentials": {"name": "bench"}}
        case _:
            return None
