"""Choose the route that answers a request, as HTTP APIs do.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html: a full match first, then the
one with a greedy variable, then `$default`. Paths are matched after percent-decoding, so that an
encoded slash is a slash. Case and a trailing slash count.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from local.gateway.template import DEFAULT_ROUTE, Route

_LITERAL, _VARIABLE, _GREEDY, _DEFAULT = range(4)


@dataclass(frozen=True)
class Match:
    """A route, and the values of its path's variables, decoded."""

    route: Route
    parameters: dict[str, str]


def find(routes: Iterable[Route], method: str, path: str) -> Match | None:
    """Find the route for a method and a decoded path.

    Returns:
        the match; None if the API answers 404.
    """
    candidates = (route for route in sorted(routes, key=_precedence) if route.method in {method, "ANY"})
    matches = (Match(route, found) for route in candidates if (found := _parameters(route.path, path)) is not None)
    return next(matches, None)


def _precedence(route: Route) -> tuple[list[int], bool]:
    if route.path == DEFAULT_ROUTE:
        return [_DEFAULT], False
    return [_rank(segment) for segment in route.path.split("/")[1:]], route.method == "ANY"


def _rank(segment: str) -> int:
    if not segment.startswith("{"):
        return _LITERAL
    return _GREEDY if segment.endswith("+}") else _VARIABLE


def _parameters(pattern: str, path: str) -> dict[str, str] | None:
    if pattern == DEFAULT_ROUTE:
        return {}
    wanted, given = pattern.split("/")[1:], path.split("/")[1:]
    if _rank(wanted[-1]) == _GREEDY and len(given) >= len(wanted):
        given = [*given[: len(wanted) - 1], "/".join(given[len(wanted) - 1 :])]
    if len(wanted) != len(given):
        return None
    pairs = list(zip(wanted, given, strict=True))
    if any(value == "" if _rank(name) else name != value for name, value in pairs):
        return None
    return {name.strip("{+}"): value for name, value in pairs if _rank(name)}
