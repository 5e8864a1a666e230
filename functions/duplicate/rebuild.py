"""The queue's worker: build the set of a campaign's signers from the table."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypedDict

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
from petition.config.init import run_init_hooks
from petition.config.settings import SettingsError
from petition.deadline import Deadline, LambdaContext
from petition.errors import RedisUnavailable, UpstreamError
from petition.telemetry import flush_metrics, logger, metrics

# A set that is lost while it is built is built once more at once, and after that when somebody asks again.
ATTEMPTS = 3


class Record(TypedDict):
    """The part of an SQS record that is used here."""

    messageId: str
    body: str


class QueueEvent(TypedDict):
    """A batch."""

    Records: list[Record]


class Failure(TypedDict):
    """A message that is to come again."""

    itemIdentifier: str


class BatchResult(TypedDict):
    """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting."""

    batchItemFailures: list[Failure]


run_init_hooks(service_role, redis.connection, queue_settings)


def handler(event: QueueEvent, context: LambdaContext) -> BatchResult:
    """Build the sets that a batch asks for.

    Raises:
        SettingsError: the function is set up wrongly: the whole batch is given up, which its alarm tells.
    """
    deadline = Deadline.of(context)
    try:
        again = [record["messageId"] for record in event["Records"] if not _is_done(record, deadline)]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}
    finally:
        flush_metrics()


def _is_done(record: Record, deadline: Deadline) -> bool:
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
    """Queue each campaign: together they may take longer than one invocation."""
    url = queue_settings().signers_queue_url
    for page in signatures.campaigns(deadline):
        if sqs.send_messages(url, [RebuildRequest(campaign, force).body for campaign in page]) < len(page):
            raise UpstreamError
        logger.info("rebuilds queued", extra={"campaigns": page})


def rebuild(campaign: str, deadline: Deadline, *, force: bool = False) -> None:
    """Build a campaign's set.

    Args:
        campaign: the campaign's id.
        deadline: bounds all of it.
        force: whether to do so even if the set is whole.

    Raises:
        RedisUnavailable: Redis is away, refuses, or loses the set again and again.
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
    """Build a set beside the old one, put it in its place, and bring it up to date; False where it was lost."""
    build = set_build.build_key(campaign)
    set_build.begin(connection, build)
    try:
        position = _copy(campaign, build, connection, deadline)
        if position is None or not set_build.replace(connection, campaign, build, position):
            return False
    finally:
        set_build.discard(connection, build)
    # Only now, so that what an app has added to the old set in the meantime is found in the table.
    outcome = catch_up({campaign: position}, connection, deadline).outcomes[campaign]
    return outcome != "lost"


def _copy(campaign: str, build: str, connection: Redis, deadline: Deadline) -> Position | None:
    """Copy every signer, a page at a time while the next is read; where the set is then, None where it was lost."""
    total = 0
    with ThreadPoolExecutor(1) as reader:
        first = page = signatures.signers_page(campaign, None, deadline)
        while True:
            following = _read_ahead(reader, campaign, page, deadline)
            total += len(page.voter_ids)
            if not set_build.add(connection, campaign, build, page.voter_ids, total):
                return None
            if following is None:
                break
            page = following.result()
    _tell(campaign, total)
    return Position.at(first.position)


def _read_ahead(
    reader: ThreadPoolExecutor, campaign: str, page: SignersPage, deadline: Deadline
) -> Future[SignersPage] | None:
    return reader.submit(signatures.signers_page, campaign, page.next, deadline) if page.next else None


def _tell(campaign: str, total: int) -> None:
    metrics.add_metric(name="SignerSetsRebuilt", unit="Count", value=1)
    logger.info("signers rebuilt", extra={"campaign": campaign, "count": total})
