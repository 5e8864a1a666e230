"""POST /api/permissions/revalidate: the very next request sees what the signed-in user may do now."""

from permissions.frontend import frontend
from petition.auth import permissions
from petition.auth.access import Access
from petition.clients import redis
from petition.errors import RedisUnavailable, Unauthenticated, UpstreamError
from petition.http.handler import handler as http_handler
from petition.http.route import RequestContext, Route
from petition.http.schema import AlwaysTrue, Schema


class AnyBody(Schema, forbid_unknown_fields=False):
    """Any body. A body that names another user is accepted and has no effect."""


class RevalidationAnswer(Schema, kw_only=True):
    """The user's permission set is dropped, and so is what is cached under the tag."""

    ok: AlwaysTrue = True
    revalidated: AlwaysTrue = True
    tag: str


ROUTE = Route(
    path="/api/permissions/revalidate",
    summary="Drop the cached permissions of the signed-in user",
    access=Access(permission=None),
    request_model=AnyBody,
    response_model=RevalidationAnswer,
    body_optional=True,
    errors=(RedisUnavailable, UpstreamError),
)


def answer(context: RequestContext[AnyBody]) -> RevalidationAnswer:
    """Drop the permissions here first: a frontend that reads them right after must not get the old ones."""
    if context.user_id is None:
        raise Unauthenticated
    permissions.drop(context.user_id, redis.connection())
    tag = permissions.tag(context.user_id)
    frontend().revalidate(tag, context.deadline)
    return RevalidationAnswer(tag=tag)


handler = http_handler(ROUTE, answer, frontend)
