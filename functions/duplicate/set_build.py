"""A new set of signers, built beside the one that it will replace."""

from collections.abc import Sequence
from typing import Final
from uuid import uuid4

from redis import Redis

from duplicate.queue import REQUEST_SECONDS
from duplicate.set_store import Position
from duplicate.signer_set import UNFINISHED, position_key, rebuild_key, signers_key

# How long an abandoned new set is kept.
BUILD_SECONDS: Final = 900
CHUNK: Final = 1000

# KEYS: the new set, the set, its position. ARGV: the mark of an unfinished set, the position.
# The mark is checked, because a new set that was evicted in between holds only the last pages.
REPLACE: Final = """
if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('UNLINK', KEYS[2])
redis.call('RENAME', KEYS[1], KEYS[2])
redis.call('PERSIST', KEYS[2])
redis.call('SET', KEYS[3], ARGV[2])
return 1
"""


def build_key(campaign: str) -> str:
    """Return a key for a new set."""
    return f"{{{signers_key(campaign)}}}:build:{uuid4().hex}"


def begin(redis: Redis, build: str) -> None:
    """Begin a new set."""
    pipeline = redis.pipeline()
    pipeline.sadd(build, UNFINISHED)
    pipeline.expire(build, BUILD_SECONDS)
    pipeline.execute()


def add(redis: Redis, campaign: str, build: str, voters: Sequence[str], total: int) -> bool:
    """Add a page to a new set, and store how many voters it has so far.

    Returns:
        False if the new set no longer exists.
    """
    pipeline = redis.pipeline(transaction=False)
    for start in range(0, len(voters), CHUNK):
        pipeline.sadd(build, *voters[start : start + CHUNK])
    pipeline.expire(build, BUILD_SECONDS)
    pipeline.set(rebuild_key(campaign), total, ex=REQUEST_SECONDS)
    pipeline.sismember(build, UNFINISHED)
    return bool(pipeline.execute()[-1])


def replace(redis: Redis, campaign: str, build: str, position: Position) -> bool:
    """Put a new set, which is not whole yet, in the old one's place.

    Returns:
        False if the new set no longer exists.
    """
    keys = build, signers_key(campaign), position_key(campaign)
    return bool(redis.eval(REPLACE, len(keys), *keys, UNFINISHED, position.stored))


def discard(redis: Redis, build: str) -> None:
    """Delete a new set if it has not replaced the old one."""
    redis.unlink(build)
