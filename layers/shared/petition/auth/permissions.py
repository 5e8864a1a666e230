"""What a user may do: a permission set, cached in Redis and dropped on revalidation.

A set whose load began before a revalidation is never stored after it. Whoever is about to load one takes a lease, or
reads the one that is there. The set is stored only if that very lease is still there. A revalidation deletes set and
lease in one command. So a lease that is there at the end was there before the load began, and no revalidation came in
between. A lease that expired or was evicted means that the set is not stored, which is always safe.
A failover to a replica without the last writes can bring a dropped set back, until its TTL ends.
"""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, NamedTuple
from uuid import uuid4

from msgspec import Meta
from redis import Redis, RedisError, ResponseError
from redis.client import NEVER_DECODE
from redis.exceptions import InvalidResponse

from petition.auth.permission_set import PermissionSet
from petition.auth.session import Session
from petition.clients.redis import RETRY_AFTER_SECONDS, Command, queue
from petition.config.settings import Settings
from petition.deadline import Deadline
from petition.errors import Forbidden, RedisUnavailable, UpstreamError
from petition.telemetry import logger

LOAD_SECONDS = 3.0
# Longer than a load can take. A set that took longer is used for its request and not stored.
LEASE_SECONDS = 30
# KEYS: lease, set. ARGV: the lease that was read, the set, its TTL in seconds. One set is stored for a lease.
STORE_UNDER_LEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
redis.call('DEL', KEYS[1])
return 1
"""


class PermissionSettings(Settings):
    """How long a permission set may be used, in seconds."""

    permissions_ttl_seconds: Annotated[int, Meta(ge=1, le=86_400)] = 300


class Authorized(NamedTuple):
    """The caller's permissions, where the route needs one, and the replies to the prefetched commands."""

    permissions: PermissionSet | None
    replies: list[object]


def tag(user_id: str) -> str:
    """The set's key in Redis, which is its cache tag in a frontend too."""
    return f"permissions-{user_id}"


def lease_key(user_id: str) -> str:
    """The lease's key. In a cluster, the braces keep it on the set's node."""
    return f"{{{tag(user_id)}}}:lease"


def authorize(
    session: Session,
    permission: str,
    *,
    redis: Redis,
    deadline: Deadline,
    campaign: str | None = None,
    prefetch: Sequence[Command] = (),
) -> Authorized:
    """Check that a caller holds a permission: in one round trip, where the set is cached.

    Args:
        session: the caller.
        permission: e.g. `voters:search`.
        redis: a connection with time-outs and its own retry.
        deadline: limits the load of a set that is not cached.
        campaign: where the permission must be held; None: anywhere.
        prefetch: commands that the answer needs, sent in the same round trip. Reads only, as the caller may turn out to
            lack the permission.

    Raises:
        Forbidden: the caller lacks the permission.
        RedisUnavailable: Redis is away and there are commands to prefetch. Without any, the set is loaded instead.
        UpstreamError, UpstreamBusy, UpstreamTimeout: the set is not cached, and Supabase cannot be asked.
    """
    try:
        cached, replies = _ask(session.user_id, redis, prefetch)
    except RedisError as error:
        if prefetch:
            raise RedisUnavailable(retry_after=RETRY_AFTER_SECONDS) from error
        logger.warning("redis is away: permissions are loaded for each request")
        permissions, replies = _load(session.user_id, deadline), []
    else:
        permissions = cached or _load_and_store(session.user_id, redis, deadline)
    if not permissions.allows(permission, campaign=campaign):
        raise Forbidden
    return Authorized(permissions, replies)


def drop(user_id: str, redis: Redis) -> None:
    """Drop a user's set, and keep those that are being loaded now from being stored. Repeating it is safe.

    Raises:
        RedisUnavailable: Redis is away. The set may still be there.
    """
    try:
        dropped: object = redis.delete(tag(user_id), lease_key(user_id))
        if not isinstance(dropped, int):
            raise InvalidResponse
    except RedisError as error:
        message = "Permissions cannot be refreshed right now; please try again in a moment."
        raise RedisUnavailable(message, retry_after=RETRY_AFTER_SECONDS) from error


def _ask(user_id: str, redis: Redis, prefetch: Sequence[Command]) -> tuple[PermissionSet | None, list[object]]:
    if not prefetch:
        # In a pipeline, a single command takes half as long again.
        return _parse_cached(user_id, _get_bytes(redis, tag(user_id))), []
    pipeline = redis.pipeline(transaction=False)
    _get(pipeline, tag(user_id))
    queue(pipeline, prefetch)
    cached, *replies = pipeline.execute(raise_on_error=False)
    for reply in replies:
        if isinstance(reply, RedisError):
            raise reply
    return _parse_cached(user_id, cached), replies


def _get_bytes(redis: Redis, key: str) -> object:
    """Get a value; None where it is of another type, which will be overwritten."""
    try:
        return _get(redis, key)
    except ResponseError:
        return None


def _get(redis: Redis, key: str) -> object:
    """Get a value as bytes: one that somebody overwrote must not break the connection's decoding half-way."""
    return redis.execute_command("GET", key, **{NEVER_DECODE: []})  # type: ignore[no-untyped-call]  # redis-py leaves it so


def _parse_cached(user_id: str, reply: object) -> PermissionSet | None:
    """The cached set; None where there is none, or something else under its key, which will be overwritten."""
    try:
        return PermissionSet.from_json(reply).require_owner(user_id) if isinstance(reply, bytes) else None
    except ValueError:
        return None


def _load_and_store(user_id: str, redis: Redis, deadline: Deadline) -> PermissionSet:
    try:
        lease = _take_lease(user_id, redis)
    except RedisError:
        lease = None
    permissions = _load(user_id, deadline)
    if lease:
        _store(permissions, lease, redis)
    return permissions


def _take_lease(user_id: str, redis: Redis) -> bytes | None:
    """Get the lease that is there, or take one, before the load begins. None where a revalidation came just now."""
    pipeline = redis.pipeline(transaction=False)
    pipeline.set(lease_key(user_id), uuid4().hex, nx=True, ex=LEASE_SECONDS)
    _get(pipeline, lease_key(user_id))
    lease: bytes | None = pipeline.execute()[1]
    return lease


def _load(user_id: str, deadline: Deadline) -> PermissionSet:
    # Imported here: a cached set needs no HTTP client.
    from petition.clients import supabase  # noqa: PLC0415 - see above

    seconds = deadline.within(LOAD_SECONDS)
    loaded = supabase.rpc("permissions_snapshot", {"user_id": user_id}, PermissionSet, timeout=seconds)
    try:
        return loaded.require_owner(user_id)
    except ValueError as error:
        raise UpstreamError from error


def _store(permissions: PermissionSet, lease: bytes, redis: Redis) -> None:
    seconds = permission_settings().permissions_ttl_seconds
    keys = lease_key(permissions.user_id), tag(permissions.user_id)
    try:
        redis.eval(STORE_UNDER_LEASE, len(keys), *keys, lease, permissions.to_json(), seconds)
    except RedisError:
        logger.warning("a permission set could not be cached")


@cache
def permission_settings() -> PermissionSettings:
    """The process's own.

    Raises:
        SettingsError: PERMISSIONS_TTL_SECONDS is no number of seconds, or too large.
    """
    return PermissionSettings.load()
