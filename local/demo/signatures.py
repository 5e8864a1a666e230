"""A year of signatures of the demo campaign, each of a made-up voter who can be searched for and looked up."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Literal

from local.demo.campaign import CAMPAIGN_ID
from local.demo.voters import SEED, Voter, voters

COUNT = 3000
DAYS = 365
OPENS = time(15)  # UTC: seven in the morning in Oregon, in winter
MINUTES = 540

type Channel = Literal["clipboard", "event", "mail"]
type Status = Literal["pending", "valid", "rejected", "withdrawn"]
type Literals = tuple[str | int | None, ...]

CHANNELS: tuple[Channel, ...] = ("clipboard", "clipboard", "clipboard", "event", "event", "mail")
COUNTING: frozenset[Status] = frozenset({"pending", "valid"})


@dataclass(frozen=True)
class Signature:
    """One signature, made `days_ago` days before the last day."""

    voter: Voter
    days_ago: int
    after_opening: timedelta
    channel: Channel
    circulator: str | None
    status: Status


@cache
def signatures() -> Sequence[Signature]:
    """Return all signatures, each of another voter, the same every time."""
    chance = random.Random(SEED)  # noqa: S311 - made-up data that must come out the same every time
    return [_signature(chance, voter) for voter in chance.sample(voters(), COUNT)]


def signers() -> list[str]:
    """Return the ids of the voters whose signature counts."""
    return [each.voter.voter_id for each in signatures() if each.status in COUNTING]


def sql(last_day: date) -> str:
    """Return the script that replaces an earlier run's signatures, up to the end of `last_day` (UTC).

    The campaign must exist.
    """
    rows = ",\n".join(f"({', '.join(map(_literal, _row(each, last_day)))})" for each in signatures())
    return f"""
delete from public.signatures where campaign_id = '{CAMPAIGN_ID}';
insert into public.signatures
  (campaign_id, voter_id, signed_at, county, city, zip, party, birth_year, channel, circulator, status, verified_on)
values
{rows};
"""  # noqa: S608 - made up above


def _signature(chance: random.Random, voter: Voter) -> Signature:
    """Make up a signature: more are recent than old, and more are the first circulators' than the last ones'."""
    channel = chance.choice(CHANNELS)
    return Signature(
        voter=voter,
        days_ago=int(chance.random() ** 1.6 * DAYS),
        after_opening=timedelta(minutes=chance.randrange(MINUTES), seconds=chance.randrange(60)),
        channel=channel,
        circulator=None if channel == "mail" else f"C{1 + chance.randrange(8) * chance.randrange(5):03}",
        status=chance.choices(("valid", "pending", "rejected", "withdrawn"), (20, 8, 3, 1))[0],
    )


def _row(signature: Signature, last_day: date) -> Literals:
    signed_on = last_day - timedelta(days=signature.days_ago)
    signed_at = datetime.combine(signed_on, OPENS) + signature.after_opening
    verified_on = None if signature.status == "pending" else (signed_on + timedelta(days=3)).isoformat()
    voter = signature.voter
    where = voter.county, voter.city, voter.zip
    how = signature.channel, signature.circulator, signature.status
    return CAMPAIGN_ID, voter.voter_id, f"{signed_at}Z", *where, voter.party, voter.birth_year, *how, verified_on


def _literal(value: str | int | None) -> str:
    """Return a value as an SQL literal."""
    if value is None:
        return "null"
    return str(value) if isinstance(value, int) else "'{}'".format(value.replace("'", "''"))
