"""Answer from the database, and queue a rebuild of the set."""

import re
from collections.abc import Sequence

from duplicate import signatures
from duplicate.queue import request_rebuilds
from petition.clients import sqs
from petition.clients.redis_connection import CALL_SECONDS
from petition.config.settings import SettingsError
from petition.deadline import Deadline
from petition.errors import NotFound, PetitionError, UpstreamTimeout
from petition.telemetry import logger, metrics

# To claim the rebuild in Redis, and to release it if the queue fails.
CLAIM_SECONDS = 2 * CALL_SECONDS
LEAST_SECONDS = 1.0
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def look_up(campaign: str, voters: Sequence[str], deadline: Deadline) -> set[str]:
    """Return the voters who have signed.

    Raises:
        NotFound: there is no such campaign.
        UpstreamError, UpstreamBusy, UpstreamTimeout: the database cannot be asked.
    """
    signed = signatures.find_signers(campaign, voters, deadline) if UUID.fullmatch(campaign) else None
    if signed is None:
        message = "There is no such campaign."
        raise NotFound(message)
    metrics.add_metric(name="SignersFromDatabase", unit="Count", value=1)
    _queue_rebuild(campaign, deadline)
    return signed


def _queue_rebuild(campaign: str, deadline: Deadline) -> None:
    """Queue the campaign's rebuild unless it is queued already. If that fails, the answer is still right."""
    try:
        seconds = deadline.within(CLAIM_SECONDS + sqs.SECONDS) - CLAIM_SECONDS
        if seconds < LEAST_SECONDS:
            raise UpstreamTimeout
        lost = request_rebuilds([campaign], seconds=seconds)
    except (PetitionError, SettingsError) as error:
        logger.error("a set of signers is not whole, and its rebuild is not queued", extra={"cause": repr(error)})
    else:
        metrics.add_metric(name="SignerSetsLost", unit="Count", value=lost)
