"""The questions to the table of signatures: supabase/migrations/20260105000000_signers.sql answers them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from petition.clients import supabase
from petition.deadline import Deadline
from petition.validation import JsonValue

LOOKUP_SECONDS = 3.0
READ_SECONDS = 20.0
# What is read at once: a page of signers, of campaigns, and of one campaign's changes.
SIGNERS, CAMPAIGNS, CHANGES = 25_000, 1000, 1000


class SignersPage(Struct, rename="camel"):
    """Some of a campaign's signers.

    Attributes:
        position: how far a set has got that is built from this page and those that follow.
        next: where the following page begins.
    """

    position: str
    voter_ids: list[str]
    next: str | None


class ChangedCampaign(Struct, rename="camel"):
    """A campaign that the log of changes knows of; `is_gone` if it does not exist any more."""

    campaign_id: str
    is_gone: bool


class Changes(Struct, rename="camel"):
    """Whose signature changed since a position, and where a set is that applies it.

    Attributes:
        outcome: `more` where there are more, `lost` where the set must be built anew, `gone` where the campaign is.
        signed, unsigned: the voters who have signed now, and who have not.
    """

    campaign_id: str
    position: str
    outcome: Literal["complete", "more", "lost", "gone"]
    signed: list[str]
    unsigned: list[str]


def find_signers(campaign: str, voters: Sequence[str], deadline: Deadline) -> set[str] | None:
    """The voters who have signed; None where there is no such campaign.

    Raises: as `petition.clients.supabase.rpc`, as do the others.
    """
    arguments: dict[str, JsonValue] = {"campaign_id": campaign, "voter_ids": [*voters]}
    returns: type[set[str] | None] = set[str] | None  # type: ignore[assignment]  # mypy knows no type of a union
    return _call("find_signers", arguments, returns, deadline.within(LOOKUP_SECONDS))


def signers_page(campaign: str, after: str | None, deadline: Deadline) -> SignersPage:
    """A page of a campaign's signers, in the order of their ids."""
    arguments: dict[str, JsonValue] = {"campaign_id": campaign, "after": after, "page_size": SIGNERS}
    return _call("signers_page", arguments, SignersPage, deadline.within(READ_SECONDS))


def campaigns(deadline: Deadline) -> Iterator[list[str]]:
    """Every campaign, a page at a time."""
    after: str | None = None
    while True:
        arguments: dict[str, JsonValue] = {"after": after, "page_size": CAMPAIGNS}
        page = _call("campaign_ids", arguments, list[str], deadline.within(READ_SECONDS))
        yield page
        if len(page) < CAMPAIGNS:
            return
        after = page[-1]


def campaigns_with_changes(deadline: Deadline) -> Iterator[list[ChangedCampaign]]:
    """The campaigns that the log of changes knows of, a page at a time."""
    after: str | None = None
    while True:
        arguments: dict[str, JsonValue] = {"after": after, "page_size": CAMPAIGNS}
        page = _call("campaigns_with_changes", arguments, list[ChangedCampaign], deadline.within(READ_SECONDS))
        yield page
        if len(page) < CAMPAIGNS:
            return
        after = page[-1].campaign_id


def signer_changes(positions: Mapping[str, str], deadline: Deadline) -> list[Changes]:
    """The changes since the position of each campaign's set."""
    arguments: dict[str, JsonValue] = {
        "campaign_ids": [*positions],
        "positions": [*positions.values()],
        "page_size": CHANGES,
    }
    return _call("signer_changes", arguments, list[Changes], deadline.within(READ_SECONDS))


def prune_changes(deadline: Deadline) -> int:
    """Have the log forget what every set has long applied; how many changes."""
    return _call("prune_signature_changes", {}, int, deadline.within(READ_SECONDS))


def _call[Value](name: str, arguments: Mapping[str, JsonValue], returns: type[Value], seconds: float) -> Value:
    return supabase.rpc(name, arguments, returns, timeout=seconds)
