"""Change the sets of signers. Each step is atomic.

A set's position is stored beside it. A step names the position that it starts from, and is refused if the set has moved
since: of two writers at once, one succeeds. No position is used twice, so a set that was replaced in the meantime is
never taken for the one before.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple, cast
from uuid import uuid4

from redis import Redis, RedisError, ResponseError
from redis.client import Pipeline

from duplicate.signatures import Changes
from duplicate.signer_set import UNFINISHED, WHOLE, position_key, rebuild_key, signers_key

# How long a change keeps checks from queueing a rebuild of its set.
CHANGE_SECONDS: Final = 10
POSITION: Final = re.compile(r"(\d+:\d+:[\d,]*(?:/\d+:\d+:[\d,]*/\d+/\d+)?) [0-9a-f]{32}")

# KEYS: the set, its position, its rebuild. ARGV: the position before, the position after, whether the set is whole
# afterwards, both marks, seconds, how many to add; then the voters to add and those to remove.
APPLY: Final = """
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 'moved' end
local marks = redis.call('SMISMEMBER', KEYS[1], ARGV[4], ARGV[5])
if marks[1] + marks[2] == 0 then return 'lost' end
local first, added = 8, tonumber(ARGV[7])
local function each(command, from, to)
  for start = from, to, 1000 do redis.call(command, KEYS[1], unpack(ARGV, start, math.min(start + 999, to))) end
end
each('SADD', first, first + added - 1)
each('SREM', first + added, #ARGV)
if ARGV[3] == '1' then
  redis.call('SADD', KEYS[1], ARGV[4])
  redis.call('SREM', KEYS[1], ARGV[5])
else
  redis.call('SADD', KEYS[1], ARGV[5])
  redis.call('SREM', KEYS[1], ARGV[4])
  if redis.call('TTL', KEYS[3]) < tonumber(ARGV[6]) then redis.call('SET', KEYS[3], '', 'EX', ARGV[6]) end
end
redis.call('SET', KEYS[2], ARGV[2])
return 'applied'
"""
# KEYS: the set, its position. ARGV: the position ("" if there is none, or a value of the wrong type), the mark of a
# whole set.
DISTRUST: Final = """
local position = redis.pcall('GET', KEYS[2])
if (type(position) == 'string' and position or '') ~= ARGV[1] then return 0 end
redis.call('SREM', KEYS[1], ARGV[2])
redis.call('DEL', KEYS[2])
return 1
"""


type Outcome = Literal["applied", "moved", "lost", "gone"]


class Position(NamedTuple):
    """How far a set has got.

    Attributes:
        text: as the database writes it; "" if it is not known.
        stored: as Redis stores it.
    """

    text: str
    stored: str

    @classmethod
    def at(cls, text: str) -> "Position":
        """Return a position that no set was at before."""
        return cls(text, f"{text} {uuid4().hex}")

    @classmethod
    def parse(cls, reply: object) -> "Position":
        """Return the position in a reply of Redis. Its text is "" if the reply holds no position."""
        stored = reply if isinstance(reply, str) else ""
        found = POSITION.fullmatch(stored)
        return cls(found[1] if found else "", stored)


def read_positions(redis: Redis, campaigns: Sequence[str]) -> dict[str, Position]:
    """Return the position of each campaign's set."""
    pipeline = redis.pipeline(transaction=False)
    for campaign in campaigns:
        pipeline.get(position_key(campaign))
    return dict(zip(campaigns, map(Position.parse, _replies(pipeline)), strict=True))


def is_whole(redis: Redis, campaign: str) -> bool:
    """Check whether a campaign's set is whole and can be kept up to date."""
    pipeline = redis.pipeline(transaction=False)
    pipeline.sismember(signers_key(campaign), WHOLE)
    pipeline.get(position_key(campaign))
    is_marked, stored = _replies(pipeline)
    return is_marked == 1 and bool(Position.parse(stored).text)


class Step(NamedTuple):
    """Changes to apply to a campaign's set.

    Attributes:
        start: the set's position before.
        end: its position afterwards.
        is_whole: whether the set is whole afterwards.
    """

    changes: Changes
    start: Position
    end: Position
    is_whole: bool


def apply(redis: Redis, steps: Sequence[Step]) -> list[Outcome]:
    """Apply changes to the set of each campaign.

    Returns:
        For each step: `applied`; `moved` if another writer changed the set; `lost` if the set has lost its mark, or
        cannot be kept up to date: it must be rebuilt; `gone` if the campaign does not exist: its set was dropped.
    """
    pipeline = redis.pipeline(transaction=False)
    for step in steps:
        _queue(pipeline, step)
    return [_outcome(step, reply) for step, reply in zip(steps, _replies(pipeline), strict=True)]


def distrust(redis: Redis, positions: Mapping[str, Position]) -> None:
    """Unmark sets that cannot be kept up to date: they are no longer whole. A set that has moved on is not changed."""
    pipeline = redis.pipeline(transaction=False)
    for campaign, position in positions.items():
        _queue_distrust(pipeline, campaign, position)
    _replies(pipeline)


def drop(redis: Redis, campaigns: Sequence[str]) -> None:
    """Drop the sets of campaigns that do not exist."""
    if campaigns:
        redis.unlink(*[key for campaign in campaigns for key in (signers_key(campaign), position_key(campaign))])


def release(redis: Redis, campaign: str) -> None:
    """Let a rebuild be queued again."""
    redis.delete(rebuild_key(campaign))


def _queue(pipeline: Pipeline, step: Step) -> None:
    campaign = step.changes.campaign_id
    match step.changes.outcome:
        case "gone":
            pipeline.unlink(signers_key(campaign), position_key(campaign))
        case "lost":
            _queue_distrust(pipeline, campaign, step.start)
        case _:
            _queue_changes(pipeline, campaign, step)


def _queue_changes(pipeline: Pipeline, campaign: str, step: Step) -> None:
    keys = signers_key(campaign), position_key(campaign), rebuild_key(campaign)
    positions = step.start.stored, step.end.stored
    signed, unsigned = step.changes.signed, step.changes.unsigned
    numbers = CHANGE_SECONDS, len(signed)
    pipeline.eval(
        APPLY, len(keys), *keys, *positions, int(step.is_whole), WHOLE, UNFINISHED, *numbers, *signed, *unsigned
    )


def _queue_distrust(pipeline: Pipeline, campaign: str, position: Position) -> None:
    keys = signers_key(campaign), position_key(campaign)
    pipeline.eval(DISTRUST, len(keys), *keys, position.stored, WHOLE)


def _outcome(step: Step, reply: object) -> Outcome:
    if step.changes.outcome in {"lost", "gone"}:
        return step.changes.outcome
    return "lost" if isinstance(reply, ResponseError) else cast("Outcome", reply)


def _replies(pipeline: Pipeline) -> list[object]:
    """Return the replies, refusals included: a key of the wrong type must not stop the others.

    Raises:
        redis.RedisError: Redis is unavailable.
    """
    replies: list[object] = pipeline.execute(raise_on_error=False)
    for reply in replies:
        if isinstance(reply, RedisError) and not isinstance(reply, ResponseError):
            raise reply
    return replies
