"""CORS as an HTTP API does it: preflights are answered here, and a function's own headers are replaced.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from collections.abc import Iterator
from dataclasses import replace

from local.gateway.events import Request, Response
from local.gateway.template import Cors

_PREFIX = "access-control-"


def preflight(cors: Cors, request: Request) -> Response:
    """Answer an OPTIONS request that no route takes: always 204, with headers only for an allowed origin."""
    origin = request.header("origin")
    if not allows(cors, origin) or not request.header("access-control-request-method"):
        return Response(204, ())
    return Response(204, (*_common(cors, origin), *_preflight_only(cors)))


def on_answer(cors: Cors, request: Request, response: Response) -> Response:
    """Return a function's answer with the API's CORS headers in place of its own."""
    kept = tuple((name, value) for name, value in response.headers if not name.startswith(_PREFIX))
    origin = request.header("origin")
    if not allows(cors, origin):
        return replace(response, headers=kept)
    exposed = ((f"{_PREFIX}expose-headers", ",".join(cors.exposed)),) if cors.exposed else ()
    return replace(response, headers=(*kept, *_common(cors, origin), *exposed))


def allows(cors: Cors, origin: str) -> bool:
    """Check whether an origin is listed: itself, or by `*`, `https://*` or `http://*`.

    Only here, `http://localhost:*` lists every port of it: API Gateway takes that for an origin's name.
    """
    any_host, any_port = f"{origin.partition('//')[0]}//*", f"{_without_port(origin)}:*"
    return bool(origin) and not {"*", origin, any_host, any_port}.isdisjoint(cors.origins)


def _without_port(origin: str) -> str:
    host, _, port = origin.rpartition(":")
    return host if port.isdecimal() else origin


def _common(cors: Cors, origin: str) -> Iterator[tuple[str, str]]:
    yield f"{_PREFIX}allow-origin", "*" if "*" in cors.origins else origin
    if cors.credentials:
        yield f"{_PREFIX}allow-credentials", "true"


def _preflight_only(cors: Cors) -> Iterator[tuple[str, str]]:
    if cors.methods:
        yield f"{_PREFIX}allow-methods", ",".join(cors.methods)
    if cors.headers:
        yield f"{_PREFIX}allow-headers", ",".join(cors.headers)
    if cors.max_age is not None:
        yield f"{_PREFIX}max-age", str(cors.max_age)
