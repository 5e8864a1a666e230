"""POST /api/permissions/revalidate: the very next request sees what the signed-in user may do now."""

from permissions.frontend import frontend
from petition import permissions, redis
from petition.access import Access
from petition.api import Call, Message, Route, Yes
from petition.api import handler as http_handler
from petition.errors import RedisUnavailable, Unauthenticated, UpstreamError


class AnyBody(Message, forbid_unknown_fields=False):
    """Whatever is sent: a body that names another user is not refused, it changes nothing."""


class RevalidationAnswer(Message, kw_only=True):
    """The user's snapshot is dropped, and so is what is cached under the tag."""

    ok: Yes = True
    revalidated: Yes = True
    tag: str


ROUTE = Route(
    path="/api/permissions/revalidate",
    summary="Drop the cached permissions of the signed-in user",
    access=Access(permission=None),
    takes=AnyBody,
    answers=RevalidationAnswer,
    body_optional=True,
    fails=(RedisUnavailable, UpstreamError),
)


def answer(call: Call[AnyBody]) -> RevalidationAnswer:
    """Drop it here first: a frontend that loads anew right after must not be given the old one."""
    if call.user_id is None:
        raise Unauthenticated
    permissions.drop(call.user_id, redis.connection())
    tag = permissions.tag(call.user_id)
    frontend().revalidate(tag, call.deadline)
    return RevalidationAnswer(tag=tag)


handler = http_handler(ROUTE, answer, frontend)
