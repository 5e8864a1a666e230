"""What a user may do: a permission set, cached in Redis and dropped on revalidation.

A set whose load began before a revalidation is never stored after it: see `petition.auth.lease`.
"""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import Meta, Struct
from redis import Redis, RedisError, ResponseError
from redis.client import NEVER_DECODE
from redis.exceptions import InvalidResponse

from petition.auth.lease import store_under_lease, take_lease
from petition.auth.session import Session
from petition.clients.redis import RETRY_AFTER_SECONDS, Command
from petition.config.settings import Settings
from petition.deadline import Deadline
from petition.errors import Forbidden, RedisUnavailable, UpstreamError
from petition.telemetry import logger

EVERY_CAMPAIGN = "*"
LOAD_SECONDS = 3.0
# A set that somebody overwrote must not break the connection's decoding half-way.
AS_BYTES: Final[dict[str, Any]] = {NEVER_DECODE: []}


class PermissionSet(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a user may do, as the SQL function `permissions_snapshot` returns it.

    Attributes:
        permissions: those held in some campaign or in all.
        campaigns: the permissions held in each, by campaign id; "*" stands for every campaign.
    """

    user_id: str
    roles: frozenset[str]
    permissions: frozenset[str]
    campaigns: dict[str, frozenset[str]]

    def allows(self, permission: str, *, campaign: str | None = None) -> bool:
        """Check whether the user holds a permission: in that campaign, or, if none is named, in any."""
        if campaign is None:
            return permission in self.permissions
        held = self.campaigns.get(EVERY_CAMPAIGN, frozenset()) | self.campaigns.get(campaign, frozenset())
        return permission in held

    def campaigns_with(self, permission: str) -> frozenset[str] | None:
        """Return the ids of the campaigns in which the user holds a permission; None stands for every campaign."""
        campaigns = frozenset(campaign for campaign, held in self.campaigns.items() if permission in held)
        return None if EVERY_CAMPAIGN in campaigns else campaigns

    def require_owner(self, user_id: str) -> "PermissionSet":
        """Return this set if it is that user's.

        Raises:
            ValueError: it is somebody else's.
        """
        if self.user_id != user_id:
            raise ValueError
        return self


class PermissionSettings(Settings):
    """How long a permission set may be used, in seconds."""

    permissions_ttl_seconds: Annotated[int, Meta(ge=1, le=86_400)] = 300


class Authorization(NamedTuple):
    """The caller's permissions, if the route needs one, and the replies to the prefetched commands."""

    permissions: PermissionSet | None
    replies: list[object]


def tag(user_id: str) -> str:
    """Return the set's key in Redis, which is also its cache tag in a frontend."""
    return f"permissions-{user_id}"


def lease_key(user_id: str) -> str:
    """Return the lease's key. In a cluster, the braces keep it on the set's node."""
    return f"{{{tag(user_id)}}}:lease"


def authorize(
    session: Session,
    permission: str,
    *,
    redis: Redis,
    deadline: Deadline,
    campaign: str | None = None,
    prefetch: Sequence[Command] = (),
) -> Authorization:
    """Check that a caller holds a permission: in one round trip, if the set is cached.

    Args:
        session: the caller.
        permission: e.g. `voters:search`.
        redis: a connection with time-outs and its own retry.
        deadline: limits the load of a set that is not cached.
        campaign: where the permission must be held; None: anywhere.
        prefetch: commands that the answer needs, sent in the same round trip: reads only, as it may be refused.

    Raises:
        Forbidden: the caller lacks the permission.
        RedisUnavailable: Redis is unavailable and there are commands to prefetch. Without any, the set is loaded.
        UpstreamError, UpstreamBusy, UpstreamTimeout: the set is not cached, and loading it from Supabase failed.
    """
    try:
        cached, *replies = _ask(session.user_id, redis, prefetch)
    except RedisError as error:
        if prefetch:
            raise RedisUnavailable(retry_after=RETRY_AFTER_SECONDS) from error
        logger.warning("redis is unavailable: permissions are loaded for each request")
        permissions, replies = _load(session.user_id, deadline), []
    else:
        permissions = _parse_cached(session.user_id, cached) or _load_and_store(session.user_id, redis, deadline)
    if not permissions.allows(permission, campaign=campaign):
        raise Forbidden
    return Authorization(permissions, replies)


def drop(user_id: str, redis: Redis) -> None:
    """Drop a user's set, and prevent loads that have begun from being stored. Repeating it is safe.

    Raises:
        RedisUnavailable: Redis did not drop it. The set may still be there.
    """
    try:
        dropped: object = redis.delete(tag(user_id), lease_key(user_id))
        if not isinstance(dropped, int):
            raise InvalidResponse
    except RedisError as error:
        message = "Permissions cannot be refreshed right now; please try again in a moment."
        raise RedisUnavailable(message, retry_after=RETRY_AFTER_SECONDS) from error


def _ask(user_id: str, redis: Redis, prefetch: Sequence[Command]) -> list[object]:
    """Return what is cached for a user, and the replies to the prefetched commands."""
    if not prefetch:
        try:
            # In a pipeline, a single command takes half as long again.
            return [redis.execute_command("GET", tag(user_id), **AS_BYTES)]  # type: ignore[no-untyped-call]  # redis-py leaves it so
        except ResponseError:
            return [None]
    pipeline = redis.pipeline(transaction=False)
    pipeline.execute_command("GET", tag(user_id), **AS_BYTES)  # type: ignore[no-untyped-call]  # as above
    for command in prefetch:
        pipeline.execute_command(*command)  # type: ignore[no-untyped-call]  # as above
    cached, *replies = pipeline.execute(raise_on_error=False)
    if failures := [reply for reply in replies if isinstance(reply, RedisError)]:
        raise failures[0]
    return [cached, *replies]


def _parse_cached(user_id: str, reply: object) -> PermissionSet | None:
    """Return the cached set; None if its key is missing or holds something else, which will be overwritten."""
    try:
        cached = msgspec.json.decode(reply, type=PermissionSet) if isinstance(reply, bytes) else None
    except ValueError:
        return None
    return cached if cached and cached.user_id == user_id else None


def _load_and_store(user_id: str, redis: Redis, deadline: Deadline) -> PermissionSet:
    lease = take_lease(redis, lease_key(user_id))
    permissions = _load(user_id, deadline)
    if lease:
        content, seconds = msgspec.json.encode(permissions), permission_settings().permissions_ttl_seconds
        store_under_lease(redis, lease_key(user_id), lease, tag(user_id), content, seconds=seconds)
    return permissions


def _load(user_id: str, deadline: Deadline) -> PermissionSet:
    # Imported here: a cached set needs no HTTP client.
    from petition.clients import supabase  # noqa: PLC0415 - see above

    seconds = deadline.within(LOAD_SECONDS)
    loaded = supabase.rpc("permissions_snapshot", {"user_id": user_id}, PermissionSet, timeout=seconds)
    try:
        return loaded.require_owner(user_id)
    except ValueError as error:
        raise UpstreamError from error


@cache
def permission_settings() -> PermissionSettings:
    """Return the process's permission settings.

    Raises:
        SettingsError: PERMISSIONS_TTL_SECONDS is not a number of seconds, or too large.
    """
    return PermissionSettings.load()
