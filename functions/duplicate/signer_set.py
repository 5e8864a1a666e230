"""A campaign's set of signers in Redis: its keys, and the question whether a voter is in it.

The set is a cache of the table `signatures`. A set that was built from the whole table has a member that says so. As a
member it cannot be lost apart from the set: an evicted set has lost it too, and a set that an app began anew has none.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, Literal

from petition.clients.redis import RETRY_AFTER_SECONDS, Command
from petition.config.settings import Settings
from petition.errors import RedisUnavailable

# Members that no voter's id can be.
WHOLE: Final = "*"
UNFINISHED: Final = "*unfinished"


class SignerSettings(Settings):
    """Who keeps the sets: this bundle, from the table `signatures`, or somebody else."""

    signers_from: Literal["signatures", "external"] = "signatures"

    @property
    def are_ours(self) -> bool:
        """Whether this bundle keeps the sets."""
        return self.signers_from == "signatures"


@cache
def signer_settings() -> SignerSettings:
    """The process's own.

    Raises:
        SettingsError: SIGNERS_FROM is neither `signatures` nor `external`.
    """
    return SignerSettings.load()


class QueueSettings(Settings):
    """Where campaigns wait whose sets are to be built."""

    signers_queue_url: str


@cache
def queue_settings() -> QueueSettings:
    """The process's own.

    Raises:
        SettingsError: SIGNERS_QUEUE_URL is missing.
    """
    return QueueSettings.load()


def check_settings() -> None:
    """Check what a set needs that is found to be lost: too late to hear that it cannot be queued.

    Raises:
        SettingsError: as `signer_settings` and, where the sets are ours, `queue_settings`.
    """
    if signer_settings().are_ours:
        queue_settings()


def signers_key(campaign: str) -> str:
    """The set's key."""
    return f"campaign:{campaign}:signers"


def position_key(campaign: str) -> str:
    """How far the set has got. In a cluster, the braces keep it on the set's node."""
    return f"{{{signers_key(campaign)}}}:position"


def rebuild_key(campaign: str) -> str:
    """Whether a rebuild is queued or under way."""
    return f"{{{signers_key(campaign)}}}:rebuild"


def membership(campaign: str, voters: Sequence[str]) -> Command:
    """The question which of some voters are in the set, and whether the set is whole."""
    if signer_settings().are_ours:
        return "SMISMEMBER", signers_key(campaign), *voters, WHOLE
    return "SMISMEMBER", signers_key(campaign), *voters


def read_membership(reply: object, voters: Sequence[str]) -> set[str] | None:
    """The voters who are in the set; None where the set is not known to be whole.

    Raises:
        RedisUnavailable: the reply is none to this question.
    """
    are_ours = signer_settings().are_ours
    bits = [bit for bit in reply if bit in _BITS] if isinstance(reply, list) else []
    if len(bits) != len(voters) + are_ours or bits != reply:
        raise RedisUnavailable(retry_after=RETRY_AFTER_SECONDS)
    if are_ours and not bits[-1]:
        return None
    return {voter for voter, is_in in zip(voters, bits, strict=False) if is_in}


_BITS: Final = (0, 1)
