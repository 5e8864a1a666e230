"""Apply the changes of the table to sets, until each is as the table was a moment ago, and whole.

What an app adds to a set by itself must not be undone by an older state of the table: a removal that was read before
the app's signature was committed would take it out again. So a set that somebody is removed from is not whole until a
later look finds nobody to remove. The database answers in between.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from redis import Redis

from duplicate import set_store, signatures
from duplicate.set_store import Outcome, Position, Step
from duplicate.signatures import Changes
from petition.deadline import Deadline

# Looks at one set that each found something to remove. It goes on at the schedule's next run.
MOST_LOOKS = 20


@dataclass
class CaughtUp:
    """What became of the sets.

    Attributes:
        outcomes: by campaign: `applied` where the set is up to date, the others as `set_store.apply` has them.
        changes: how many voters were added or removed.
    """

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    changes: int = 0


def catch_up(positions: Mapping[str, Position], redis: Redis, deadline: Deadline) -> CaughtUp:
    """Bring the sets of some campaigns up to date.

    Raises:
        UpstreamError, UpstreamBusy, UpstreamTimeout: the database cannot be asked.
        redis.RedisError: Redis is away.
    """
    result, left, looks = CaughtUp(), dict(positions), {campaign: Look() for campaign in positions}
    while left:
        found = signatures.signer_changes({campaign: each.text for campaign, each in left.items()}, deadline)
        steps = [looks[each.campaign_id].step(each, left[each.campaign_id]) for each in found]
        left = {}
        for step, outcome in zip(steps, set_store.apply(redis, steps), strict=True):
            campaign = step.changes.campaign_id
            if outcome == "applied":
                result.changes += len(step.changes.signed) + len(step.changes.unsigned)
            if outcome == "applied" and not step.is_whole and looks[campaign].count < MOST_LOOKS:
                left[campaign] = step.end
            else:
                result.outcomes[campaign] = outcome
    return result


@dataclass
class Look:
    """A look at what changed for one campaign, which can take many pages.

    Attributes:
        count: the looks that have ended.
        removes: whether this one found somebody to remove.
    """

    count: int = 0
    removes: bool = False

    def step(self, changes: Changes, start: Position) -> Step:
        """The step that applies a page of it."""
        self.removes |= bool(changes.unsigned)
        is_last = changes.outcome != "more"
        step = Step(changes, start, Position.at(changes.position), is_whole=is_last and not self.removes)
        if is_last:
            self.count, self.removes = self.count + 1, False
        return step
