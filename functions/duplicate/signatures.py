"""Queries of the table of signatures. Their SQL functions are in supabase/migrations/20260105000000_signers.sql."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from petition.clients import supabase
from petition.deadline import Deadline
from petition.validation import JsonValue

LOOKUP_SECONDS = 3.0
READ_SECONDS = 20.0
# The size of a page: of signers, of campaigns, and of one campaign's changes.
SIGNERS, CAMPAIGNS, CHANGES = 25_000, 1000, 1000


class SignersPage(Struct, rename="camel"):
    """Some of a campaign's signers.

    Attributes:
        position: the position of a set that is built from this page and the following ones.
        next: where the following page begins; None if this is the last one.
    """

    position: str
    voter_ids: list[str]
    next: str | None


class ChangedCampaign(Struct, rename="camel"):
    """A campaign in the log of changes; `is_gone` if it no longer exists."""

    campaign_id: str
    is_gone: bool


class Changes(Struct, rename="camel"):
    """The voters whose signatures changed since a position.

    Attributes:
        position: the set's position once the changes are applied.
        outcome: `more` if there are more changes, `lost` if the set must be rebuilt, `gone` if the campaign is gone.
        signed, unsigned: those who have signed now, and those who have not.
    """

    campaign_id: str
    position: str
    outcome: Literal["complete", "more", "lost", "gone"]
    signed: list[str]
    unsigned: list[str]


def find_signers(campaign: str, voters: Sequence[str], deadline: Deadline) -> set[str] | None:
    """Return the voters who have signed, or None if there is no such campaign.

    Raises: as `petition.clients.supabase.rpc`. So do the functions below.
    """
    arguments: dict[str, JsonValue] = {"campaign_id": campaign, "voter_ids": [*voters]}
    returns: type[set[str] | None] = set[str] | None  # type: ignore[assignment]  # mypy knows no type of a union
    return _call("find_signers", arguments, returns, deadline.within(LOOKUP_SECONDS))


def read_signers_page(campaign: str, after: str | None, deadline: Deadline) -> SignersPage:
    """Read a page of a campaign's signers, in the order of their ids."""
    arguments: dict[str, JsonValue] = {"campaign_id": campaign, "after": after, "page_size": SIGNERS}
    return _call("signers_page", arguments, SignersPage, deadline.within(READ_SECONDS))


def read_campaigns(deadline: Deadline) -> Iterator[list[str]]:
    """Read every campaign's id, a page at a time."""
    after: str | None = None
    while True:
        arguments: dict[str, JsonValue] = {"after": after, "page_size": CAMPAIGNS}
        page = _call("campaign_ids", arguments, list[str], deadline.within(READ_SECONDS))
        yield page
        if len(page) < CAMPAIGNS:
            return
        after = page[-1]


def read_changed_campaigns(deadline: Deadline) -> Iterator[list[ChangedCampaign]]:
    """Read the campaigns in the log of changes, a page at a time."""
    after: str | None = None
    while True:
        arguments: dict[str, JsonValue] = {"after": after, "page_size": CAMPAIGNS}
        page = _call("campaigns_with_changes", arguments, list[ChangedCampaign], deadline.within(READ_SECONDS))
        yield page
        if len(page) < CAMPAIGNS:
            return
        after = page[-1].campaign_id


def read_signer_changes(positions: Mapping[str, str], deadline: Deadline) -> list[Changes]:
    """Read the changes since the position of each campaign's set."""
    arguments: dict[str, JsonValue] = {
        "campaign_ids": [*positions],
        "positions": [*positions.values()],
        "page_size": CHANGES,
    }
    return _call("signer_changes", arguments, list[Changes], deadline.within(READ_SECONDS))


def prune_changes(deadline: Deadline) -> int:
    """Delete old changes from the log, and return how many. A set that has not applied them must be rebuilt."""
    return _call("prune_signature_changes", {}, int, deadline.within(READ_SECONDS))


def _call[Value](name: str, arguments: Mapping[str, JsonValue], returns: type[Value], seconds: float) -> Value:
    return supabase.rpc(name, arguments, returns, timeout=seconds)
