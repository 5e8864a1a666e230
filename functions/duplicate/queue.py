"""The queue of campaigns whose set of signers is to be built anew."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from duplicate.signer_set import queue_settings, rebuild_key
from petition.clients import redis, sqs
from petition.errors import UpstreamTimeout

# How long a rebuild that is queued keeps another from being queued. A rebuild under way goes on renewing it.
REQUEST_SECONDS = 120
# For so long nobody waits again for a queue that did not answer in time.
SILENT_SECONDS = 10


class RebuildRequest(Struct):
    """A message: build this campaign's set.

    Attributes:
        campaign_id: None for every campaign.
        force: whether to do so even if the set is whole.
    """

    campaign_id: str | None = None
    force: bool = False

    @property
    def body(self) -> str:
        """The message's body."""
        return msgspec.json.encode(self).decode()


def request_rebuilds(campaigns: Sequence[str]) -> int:
    """Queue the rebuild of each campaign that is not queued; how many are queued by that.

    Raises:
        RedisUnavailable: it cannot be known whether they are queued.
        UpstreamTimeout, UpstreamError: the queue does not answer in time, or refuses.
        SettingsError: SIGNERS_QUEUE_URL is missing.
    """
    url = queue_settings().signers_queue_url
    claimed = redis.run([("SET", rebuild_key(each), "", "NX", "EX", str(REQUEST_SECONDS)) for each in campaigns])
    ours = [campaign for campaign, reply in zip(campaigns, claimed, strict=True) if reply]
    if not ours:
        return 0
    sent = pause = 0
    try:
        sent = sqs.send_messages(url, [RebuildRequest(each).body for each in ours])
    except UpstreamTimeout:
        pause = SILENT_SECONDS
        raise
    finally:
        if sent < len(ours):
            # So that the next check after the pause queues them. One that is queued twice is built once.
            redis.run([("EXPIRE", rebuild_key(each), str(pause)) for each in ours])
    return sent
