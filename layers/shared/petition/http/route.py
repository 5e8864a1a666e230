"""What a route declares, and what one request to it brings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from petition.auth.access import Access
from petition.auth.permissions import PermissionSet
from petition.deadline import Deadline
from petition.errors import Forbidden, PetitionError
from petition.http.request import HttpRequest
from petition.http.schema import Schema


@dataclass(frozen=True, slots=True)
class Route[Body: Schema]:
    """One route of the contract.

    Attributes:
        path: as in the template, e.g. `/api/charts/{id}`.
        summary: one line for the API's description.
        access: what a caller must be allowed.
        request_model: the model of the request body.
        response_model: the model of a 200.
        accepted_model: the model of a 202, if the route can answer one.
        body_optional: whether the body may be missing.
        in_query: whether the URL's query string may hold the same fields; the body wins.
        errors: the errors that this route can answer besides the edge's own.
    """

    path: str
    summary: str
    access: Access[Body]
    request_model: type[Body]
    response_model: type[Schema]
    accepted_model: type[Schema] | None = None
    body_optional: bool = False
    in_query: bool = False
    errors: tuple[type[PetitionError], ...] = ()


@dataclass(frozen=True, slots=True)
class RequestContext[Body: Schema]:
    """One request, validated and authorized, and what its answer carries besides the body.

    Attributes:
        user_id: the caller's UUID; None on a route that is open.
        replies: to the commands of the route's `Access.prefetch`.
        set_cookies: Set-Cookie values; they are sent with an error too.
        audit: fields of the audit line besides user and route. No criteria, no names.
    """

    body: Body
    request: HttpRequest
    deadline: Deadline
    user_id: str | None = None
    permissions: PermissionSet | None = None
    replies: Sequence[object] = ()
    set_cookies: list[str] = field(default_factory=list)
    audit: dict[str, str | int] = field(default_factory=dict)

    def campaigns_with(self, permission: str) -> frozenset[str] | None:
        """Return the campaigns in which the caller holds a permission; None stands for every campaign."""
        return self.permissions.campaigns_with(permission) if self.permissions else frozenset()

    def require(self, permission: str, *, campaign: str) -> None:
        """Check a permission in a campaign that is known only from the route's own data.

        Raises:
            Forbidden: the caller does not hold it there.
        """
        if self.permissions is None or not self.permissions.allows(permission, campaign=campaign):
            raise Forbidden


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer that is not a plain 200."""

    body: Schema
    status: HTTPStatus
    headers: Mapping[str, str] = field(default_factory=dict)
