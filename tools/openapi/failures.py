"""The errors that a route can answer."""

from collections.abc import Iterator

from petition.errors import (
    BodyTooLarge,
    Forbidden,
    InternalError,
    InvalidJson,
    InvalidRequest,
    PetitionError,
    Unauthenticated,
    UnsupportedMediaType,
    UpstreamBusy,
    UpstreamError,
    UpstreamTimeout,
)
from petition.http.route import Route
from petition.http.schema import Schema

EDGE_ERRORS = (
    *(InvalidJson, Unauthenticated, BodyTooLarge, UnsupportedMediaType, InvalidRequest, InternalError),
    # The keys that sessions are signed with are fetched from Supabase, and so are permissions that are not cached.
    *(UpstreamError, UpstreamBusy, UpstreamTimeout),
)


def failures_of(route: Route[Schema]) -> list[type[PetitionError]]:
    """The errors of the edge and the route's own, by status."""
    needed = (Forbidden,) if route.access.permission else ()
    listed: set[type[PetitionError]] = {*EDGE_ERRORS, *needed, *route.errors}
    return sorted(listed, key=lambda error: (error.status, error.code))


def codes_of(route: Route[Schema]) -> Iterator[str]:
    """The codes of the errors that a route can answer."""
    return (error.code for error in failures_of(route))
