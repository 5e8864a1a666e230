"""The queue of campaigns whose set of signers must be rebuilt."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from duplicate.signer_set import queue_settings, rebuild_key
from petition.clients import redis, sqs
from petition.errors import UpstreamTimeout

# How long a queued rebuild keeps another one from being queued. A rebuild that is running renews it.
REQUEST_SECONDS = 120
# A campaign whose rebuild a silent queue did not take is not queued again for so long.
SILENT_SECONDS = 10


class RebuildRequest(Struct):
    """A message: build this campaign's set.

    Attributes:
        campaign_id: None means every campaign.
        force: rebuild the set even if it is whole.
    """

    campaign_id: str | None = None
    force: bool = False

    @property
    def body(self) -> str:
        """The message's body."""
        return msgspec.json.encode(self).decode()


def request_rebuilds(campaigns: Sequence[str], *, seconds: float = sqs.SECONDS) -> int:
    """Queue the rebuild of each campaign that is not queued already.

    Args:
        campaigns: their ids.
        seconds: for each call of the queue.

    Returns:
        How many were queued by this call.

    Raises:
        RedisUnavailable: Redis cannot tell which are queued already.
        UpstreamTimeout, UpstreamBusy, UpstreamError: the queue does not answer in time, or refuses.
        SettingsError: SIGNERS_QUEUE_URL is missing.
    """
    url = queue_settings().signers_queue_url
    claimed = redis.run([("SET", rebuild_key(each), "", "NX", "EX", str(REQUEST_SECONDS)) for each in campaigns])
    ours = [campaign for campaign, reply in zip(campaigns, claimed, strict=True) if reply]
    if not ours:
        return 0
    sent = pause = 0
    try:
        sent = sqs.send_messages(url, [RebuildRequest(each).body for each in ours], seconds=seconds)
    except UpstreamTimeout:
        pause = SILENT_SECONDS
        raise
    finally:
        if sent < len(ours):
            # So that the next check after the pause queues them. A set that is queued twice is built once.
            redis.run([("EXPIRE", rebuild_key(each), str(pause)) for each in ours])
    return sent
