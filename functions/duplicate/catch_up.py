"""Apply the changes of the table to sets, until each set is up to date and whole.

An app may add a voter to a set by itself. A removal that was read before the app committed the signature would take the
voter out again. So a set that somebody was removed from is not whole until a later pass finds nobody to remove. Until
then, the database answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from redis import Redis

from duplicate import set_store, signatures
from duplicate.set_store import Outcome, Position, Step
from duplicate.signatures import Changes
from petition.deadline import Deadline

# How many passes over one set may each find somebody to remove. The schedule's next run continues.
MAX_PASSES = 20


@dataclass
class CatchUpResult:
    """What became of the sets.

    Attributes:
        outcomes: by campaign: `applied` if the set is up to date; the other outcomes are those of `set_store.apply`.
        changes: how many voters were added or removed.
    """

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    changes: int = 0


def catch_up(positions: Mapping[str, Position], redis: Redis, deadline: Deadline) -> CatchUpResult:
    """Bring the sets of some campaigns up to date.

    Raises:
        UpstreamError, UpstreamBusy, UpstreamTimeout: the database cannot be asked.
        redis.RedisError: Redis is unavailable.
    """
    result, left, passes = CatchUpResult(), dict(positions), {campaign: Passes() for campaign in positions}
    while left:
        found = signatures.read_signer_changes({campaign: each.text for campaign, each in left.items()}, deadline)
        steps = [passes[each.campaign_id].make_step(each, left[each.campaign_id]) for each in found]
        left = {}
        for step, outcome in zip(steps, set_store.apply(redis, steps), strict=True):
            campaign = step.changes.campaign_id
            if outcome == "applied":
                result.changes += len(step.changes.signed) + len(step.changes.unsigned)
            if outcome == "applied" and not step.is_whole and passes[campaign].count < MAX_PASSES:
                left[campaign] = step.end
            else:
                result.outcomes[campaign] = outcome
    return result


@dataclass
class Passes:
    """The passes over the changes of one campaign, each of which can take many pages.

    Attributes:
        count: how many passes have ended.
        removes: whether the current pass has found somebody to remove.
    """

    count: int = 0
    removes: bool = False

    def make_step(self, changes: Changes, start: Position) -> Step:
        """Make the step that applies one page of changes."""
        self.removes |= bool(changes.unsigned)
        is_last = changes.outcome != "more"
        step = Step(changes, start, Position.at(changes.position), is_whole=is_last and not self.removes)
        if is_last:
            self.count, self.removes = self.count + 1, False
        return step
