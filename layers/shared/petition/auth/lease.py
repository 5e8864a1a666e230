"""A lease on a value in Redis: a value whose load began before it was dropped is never stored after that.

Whoever is about to load a value takes a lease, or reads the one that is there. The value is stored only if that very
lease is still there. Dropping a value deletes value and lease in one command. So a lease that is there at the end was
there before the load began, and nobody dropped the value in between. A lease that expired or was evicted means that the
value is not stored, which is always safe.
A failover to a replica without the last writes can bring a dropped value back, until its TTL ends.
"""

from uuid import uuid4

from redis import Redis, RedisError
from redis.client import NEVER_DECODE

from petition.telemetry import logger

# Longer than a load can take. A value that took longer is used for its request and not stored.
LEASE_SECONDS = 30
# KEYS: lease, value. ARGV: the lease that was read, the value, its TTL in seconds. One value is stored for a lease.
STORE_UNDER_LEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
redis.call('DEL', KEYS[1])
return 1
"""


def take_lease(redis: Redis, lease_key: str) -> bytes | None:
    """Get the lease that is there, or take one, before the load begins.

    Returns:
        The lease; None if the value was dropped just now, or Redis is unavailable.
    """
    pipeline = redis.pipeline(transaction=False)
    pipeline.set(lease_key, uuid4().hex, nx=True, ex=LEASE_SECONDS)
    pipeline.execute_command("GET", lease_key, **{NEVER_DECODE: []})  # type: ignore[no-untyped-call]  # redis-py leaves it so
    try:
        lease: bytes | None = pipeline.execute()[1]
    except RedisError:
        return None
    return lease


def store_under_lease(redis: Redis, lease_key: str, lease: bytes, key: str, value: bytes, *, seconds: int) -> None:
    """Store a value for so many seconds, if its lease is still there. Without Redis, it is not stored."""
    try:
        redis.eval(STORE_UNDER_LEASE, 2, lease_key, key, lease, value, seconds)
    except RedisError:
        logger.warning("a permission set could not be cached")
