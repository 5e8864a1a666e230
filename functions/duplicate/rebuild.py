"""The queue's worker: build the set of a campaign's signers from the table."""

from concurrent.futures import Future, ThreadPoolExecutor

import msgspec
from redis import Redis

from duplicate import set_build, set_store, signatures
from duplicate.catch_up import catch_up
from duplicate.queue import RebuildRequest
from duplicate.set_store import Position
from duplicate.signatures import SignersPage
from duplicate.signer_set import queue_settings
from petition.clients import redis, sqs
from petition.clients.service_role import service_role
from petition.clients.sqs_event import BatchResponse, SqsEvent, SqsRecord
from petition.config.init import run_init_hooks
from petition.config.settings import SettingsError
from petition.deadline import Deadline, LambdaContext
from petition.errors import RedisUnavailable, UpstreamError
from petition.telemetry import flush_metrics, logger, metrics

# A set that is lost while it is built is built again at once. After the last attempt, its message is delivered again.
ATTEMPTS = 3

run_init_hooks(service_role, redis.connection, queue_settings)


def handler(event: SqsEvent, context: LambdaContext) -> BatchResponse:
    """Build the sets that a batch asks for.

    Raises:
        SettingsError: the function is misconfigured. The whole batch fails and is delivered again; an alarm reports it.
    """
    deadline = Deadline.of(context)
    try:
        again = [record["messageId"] for record in event["Records"] if not _try_rebuild(record, deadline)]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}
    finally:
        flush_metrics()


def _try_rebuild(record: SqsRecord, deadline: Deadline) -> bool:
    """Do what a message asks for, and return whether that succeeded."""
    try:
        request = msgspec.json.decode(record["body"], type=RebuildRequest)
        if request.campaign_id is None:
            _queue_every_campaign(deadline, force=request.force)
        else:
            rebuild(request.campaign_id, deadline, force=request.force)
    except SettingsError:
        raise
    except Exception as error:  # noqa: BLE001 - one campaign must not stop the others of its batch
        logger.warning("signers not rebuilt", extra={"cause": type(error).__name__, "message_id": record["messageId"]})
        return False
    return True


def _queue_every_campaign(deadline: Deadline, *, force: bool) -> None:
    """Queue each campaign by itself: together they may take longer than one invocation."""
    url = queue_settings().signers_queue_url
    for page in signatures.read_campaigns(deadline):
        if sqs.send_messages(url, [RebuildRequest(campaign, force).body for campaign in page]) < len(page):
            raise UpstreamError
        logger.info("rebuilds queued", extra={"campaigns": page})


def rebuild(campaign: str, deadline: Deadline, *, force: bool = False) -> None:
    """Build a campaign's set.

    Args:
        campaign: the campaign's id.
        deadline: when it must be done.
        force: build the set even if it is whole.

    Raises:
        RedisUnavailable: Redis is unavailable, refuses, or loses the set in every attempt.
        UpstreamError, UpstreamBusy, UpstreamTimeout: the database cannot be asked.
    """
    with redis.available() as connection:
        if not force and set_store.is_whole(connection, campaign):
            return
        for _ in range(ATTEMPTS):
            if _build(campaign, connection, deadline):
                set_store.release(connection, campaign)
                return
    raise RedisUnavailable


def _build(campaign: str, connection: Redis, deadline: Deadline) -> bool:
    """Build a set beside the old one, replace the old one, and bring it up to date.

    Returns:
        False if the set was lost meanwhile.
    """
    build = set_build.build_key(campaign)
    set_build.begin(connection, build)
    try:
        position = _copy(campaign, build, connection, deadline)
        if position is None or not set_build.replace(connection, campaign, build, position):
            return False
    finally:
        set_build.discard(connection, build)
    # Only now: the table then holds what an app has added to the old set in the meantime.
    outcome = catch_up({campaign: position}, connection, deadline).outcomes[campaign]
    return outcome != "lost"


def _copy(campaign: str, build: str, connection: Redis, deadline: Deadline) -> Position | None:
    """Copy every signer into the new set. While a page is written, the next one is read.

    Returns:
        The new set's position, or None if the set was lost.
    """
    total = 0
    with ThreadPoolExecutor(1) as reader:
        first = page = signatures.read_signers_page(campaign, None, deadline)
        while True:
            following = _read_ahead(reader, campaign, page, deadline)
            total += len(page.voter_ids)
            if not set_build.add(connection, campaign, build, page.voter_ids, total):
                return None
            if following is None:
                break
            page = following.result()
    _report_rebuild(campaign, total)
    return Position.at(first.position)


def _read_ahead(
    reader: ThreadPoolExecutor, campaign: str, page: SignersPage, deadline: Deadline
) -> Future[SignersPage] | None:
    return reader.submit(signatures.read_signers_page, campaign, page.next, deadline) if page.next else None


def _report_rebuild(campaign: str, total: int) -> None:
    metrics.add_metric(name="SignerSetsRebuilt", unit="Count", value=1)
    logger.info("signers rebuilt", extra={"campaign": campaign, "count": total})
