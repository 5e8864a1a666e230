"""A campaign's set of signers in Redis: its keys, and the command that asks whether a voter is in it.

The set is a cache of the table `signatures`. A set that was built from the whole table has a member that says so. It
is never lost alone: an evicted set has lost it too, and a set that an app began anew does not have it.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, Literal

from petition.clients.redis import RETRY_AFTER_SECONDS, Command
from petition.config.settings import Settings
from petition.errors import RedisUnavailable

# Marks: members that cannot be a voter's id.
WHOLE: Final = "*"
UNFINISHED: Final = "*unfinished"


class SignerSettings(Settings):
    """Who maintains the sets: this bundle, from the table `signatures`, or another system."""

    signers_from: Literal["signatures", "external"] = "signatures"

    @property
    def are_ours(self) -> bool:
        """Whether this bundle maintains the sets."""
        return self.signers_from == "signatures"


@cache
def signer_settings() -> SignerSettings:
    """Return the settings, read once for each process.

    Raises:
        SettingsError: SIGNERS_FROM is neither `signatures` nor `external`.
    """
    return SignerSettings.load()


class QueueSettings(Settings):
    """The queue of campaigns whose sets must be rebuilt."""

    signers_queue_url: str


@cache
def queue_settings() -> QueueSettings:
    """Return the queue's settings, read once for each process.

    Raises:
        SettingsError: SIGNERS_QUEUE_URL is missing.
    """
    return QueueSettings.load()


def check_settings() -> None:
    """Check the settings. Once a set is lost, it is too late to learn that its rebuild cannot be queued.

    Raises:
        SettingsError: as `signer_settings` and, if this bundle maintains the sets, `queue_settings`.
    """
    if signer_settings().are_ours:
        queue_settings()


def signers_key(campaign: str) -> str:
    """Return the set's key."""
    return f"campaign:{campaign}:signers"


def position_key(campaign: str) -> str:
    """Return the key of the set's position. In a cluster, the braces keep it on the set's node."""
    return f"{{{signers_key(campaign)}}}:position"


def rebuild_key(campaign: str) -> str:
    """Return the key that exists while a rebuild is queued or running."""
    return f"{{{signers_key(campaign)}}}:rebuild"


def membership_command(campaign: str, voters: Sequence[str]) -> Command:
    """Return the command that asks which of the voters are in the set, and whether the set is whole."""
    mark = (WHOLE,) if signer_settings().are_ours else ()
    return "SMISMEMBER", signers_key(campaign), *voters, *mark


def read_membership(reply: object, voters: Sequence[str]) -> set[str] | None:
    """Return the voters who are in the set, or None if the set is not known to be whole.

    Raises:
        RedisUnavailable: the reply does not answer this command.
    """
    are_ours = signer_settings().are_ours
    bits = [bit for bit in reply if bit in _BITS] if isinstance(reply, list) else []
    if len(bits) != len(voters) + are_ours or bits != reply:
        raise RedisUnavailable(retry_after=RETRY_AFTER_SECONDS)
    if are_ours and not bits[-1]:
        return None
    return {voter for voter, is_in in zip(voters, bits, strict=False) if is_in}


_BITS: Final = (0, 1)
