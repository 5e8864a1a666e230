"""The demo campaign, and who has signed it."""

import random
from collections.abc import Sequence

from local.demo.voters import SEED, Voter

CAMPAIGN_ID = "5f0c2a4e-7d31-4b8e-9a16-3c0de2f4b7a1"
NAME = "Clean Rivers Initiative"
GOAL = 60_000
SIGNERS = 2000


def signers(electorate: Sequence[Voter], count: int = SIGNERS) -> list[str]:
    """Ids of the voters who have signed, the same every time."""
    chance = random.Random(SEED)  # noqa: S311 - made-up data that must come out the same every time
    return [voter.voter_id for voter in chance.sample(electorate, count)]


def signers_key(campaign_id: str = CAMPAIGN_ID) -> str:
    """The Redis set that holds them."""
    return f"campaign:{campaign_id}:signers"
