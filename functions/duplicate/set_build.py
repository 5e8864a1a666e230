"""A set of signers that is built anew beside the one it will replace."""

from collections.abc import Sequence
from typing import Final
from uuid import uuid4

from redis import Redis

from duplicate.queue import REQUEST_SECONDS
from duplicate.set_store import Position
from duplicate.signer_set import UNFINISHED, position_key, rebuild_key, signers_key

# How long a set that nobody goes on building is kept.
BUILD_SECONDS: Final = 900
CHUNK: Final = 1000

# KEYS: the new set, the set, its position. ARGV: the mark of an unfinished set, the position.
# It is checked that the new set is what was begun: one that was evicted in between would hold the last pages alone.
REPLACE: Final = """
if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('UNLINK', KEYS[2])
redis.call('RENAME', KEYS[1], KEYS[2])
redis.call('PERSIST', KEYS[2])
redis.call('SET', KEYS[3], ARGV[2])
return 1
"""


def build_key(campaign: str) -> str:
    """The key of a set to be built."""
    return f"{{{signers_key(campaign)}}}:build:{uuid4().hex}"


def begin(redis: Redis, build: str) -> None:
    """Begin a set."""
    pipeline = redis.pipeline()
    pipeline.sadd(build, UNFINISHED)
    pipeline.expire(build, BUILD_SECONDS)
    pipeline.execute()


def add(redis: Redis, campaign: str, build: str, voters: Sequence[str], total: int) -> bool:
    """Add a page to a set that was begun, and say how far it is; False where it is not there any more."""
    pipeline = redis.pipeline(transaction=False)
    for start in range(0, len(voters), CHUNK):
        pipeline.sadd(build, *voters[start : start + CHUNK])
    pipeline.expire(build, BUILD_SECONDS)
    pipeline.set(rebuild_key(campaign), total, ex=REQUEST_SECONDS)
    pipeline.sismember(build, UNFINISHED)
    return bool(pipeline.execute()[-1])


def replace(redis: Redis, campaign: str, build: str, position: Position) -> bool:
    """Put a new set in the old one's place, not whole yet; False where the new set is not there any more."""
    keys = build, signers_key(campaign), position_key(campaign)
    return bool(redis.eval(REPLACE, len(keys), *keys, UNFINISHED, position.stored))


def discard(redis: Redis, build: str) -> None:
    """Forget a set that will not be finished."""
    redis.unlink(build)
