"""The schedule's function: apply the changes of the table of signatures to the sets of signers."""

from collections import Counter
from collections.abc import Sequence
from itertools import batched

from duplicate import set_store, signatures
from duplicate.catch_up import catch_up
from duplicate.queue import request_rebuilds
from duplicate.signatures import ChangedCampaign
from duplicate.signer_set import queue_settings
from petition.clients import redis
from petition.clients.service_role import service_role
from petition.config.init import run_init_hooks
from petition.deadline import Deadline, LambdaContext
from petition.telemetry import flush_metrics, logger, metrics
from petition.validation import JsonValue

# How many campaigns one query covers: each may have a page of changes.
AT_ONCE = 100

run_init_hooks(service_role, redis.connection, queue_settings)


def handler(event: dict[str, JsonValue], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - Lambda's signature
    """Bring the sets of all campaigns with recent changes up to date.

    Returns:
        How many campaigns were looked at, how many voters were added or removed, and how many sets are to be rebuilt.

    Raises:
        RedisUnavailable: Redis is unavailable.
        UpstreamError, UpstreamBusy, UpstreamTimeout: Supabase or the queue fails, is busy, or does not answer.
        SettingsError: the function is misconfigured.
    """
    try:
        return _sync(Deadline.of(context))
    finally:
        flush_metrics()


def _sync(deadline: Deadline) -> dict[str, int]:
    done = Counter(campaigns=0, changes=0, lost=0)
    for page in signatures.read_changed_campaigns(deadline):
        for listed in batched(page, AT_ONCE, strict=False):
            done.update(_bring_up_to_date(listed, deadline))
    signatures.prune_changes(deadline)
    metrics.add_metric(name="SignerChanges", unit="Count", value=done["changes"])
    logger.info("signers synced", extra=dict(done))
    return dict(done)


def _bring_up_to_date(listed: Sequence[ChangedCampaign], deadline: Deadline) -> dict[str, int]:
    """Bring the sets of some campaigns up to date, and queue those that must be rebuilt."""
    campaigns = [each.campaign_id for each in listed if not each.is_gone]
    with redis.available() as connection:
        set_store.drop(connection, [each.campaign_id for each in listed if each.is_gone])
        positions = set_store.read_positions(connection, campaigns)
        unknown = {campaign: position for campaign, position in positions.items() if not position.text}
        set_store.distrust(connection, unknown)
        known = {campaign: position for campaign, position in positions.items() if position.text}
        result = catch_up(known, connection, deadline)
    lost = [*unknown, *(campaign for campaign, outcome in result.outcomes.items() if outcome == "lost")]
    request_rebuilds(lost)
    return {"campaigns": len(campaigns), "changes": result.changes, "lost": len(lost)}
