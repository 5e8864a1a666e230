"""The sets as Redis holds them, and the functions that keep them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from duplicate import app, rebuild, sync
from duplicate.signer_set import UNFINISHED, WHOLE, position_key, rebuild_key, signers_key
from petition.clients.sqs_event import BatchResponse
from tests.integration.lambda_process import SECONDS as CALL_SECONDS
from tests.integration.lambda_process import Answer, Context, post
from tests.integration.signers.table import CAMPAIGN

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from redis import Redis

SECONDS = 60


@dataclass
class Sets:
    """The sets of signers, and the queue of those to be built."""

    redis: "Redis"
    sqs: "SQSClient"
    queue_url: str

    def members(self, campaign: UUID = CAMPAIGN) -> set[str]:
        """A set without its marks."""
        found = self.redis.smembers(signers_key(str(campaign)))
        return {member.decode() for member in found} - {WHOLE, UNFINISHED}  # type: ignore[union-attr]  # not awaited

    def is_whole(self, campaign: UUID = CAMPAIGN) -> bool:
        """Whether a check trusts the set."""
        return bool(self.redis.sismember(signers_key(str(campaign)), WHOLE))

    def position(self, campaign: UUID = CAMPAIGN) -> str | None:
        """The set's position."""
        found = self.redis.get(position_key(str(campaign)))
        return found.decode() if found else None  # type: ignore[union-attr]  # not awaited

    def add(self, *voters: str, campaign: UUID = CAMPAIGN) -> None:
        """Add a voter, as an app does that needs a signature known at once."""
        self.redis.sadd(signers_key(str(campaign)), *voters)

    def evict(self, campaign: UUID = CAMPAIGN) -> None:
        """Evict the set, as Redis does when memory is short."""
        self.redis.delete(signers_key(str(campaign)))

    def forget_queue(self, campaign: UUID = CAMPAIGN) -> None:
        """Make the next check that misses a set queue its rebuild."""
        self.redis.delete(rebuild_key(str(campaign)))

    def keys(self, part: str = "") -> set[str]:
        """Every key about signers whose name contains this."""
        return {key.decode() for key in self.redis.keys(f"*campaign:*{part}*")}  # type: ignore[union-attr]  # not awaited

    def rebuild(self, campaign: UUID = CAMPAIGN, *, force: bool = True) -> BatchResponse:
        """Build a set."""
        return self.work([json.dumps({"campaign_id": str(campaign), "force": force})])

    def work(self, bodies: Sequence[str]) -> BatchResponse:
        """Have the worker take messages."""
        records = [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]
        return rebuild.handler({"Records": records}, Context(SECONDS))  # type: ignore[typeddict-item]  # as it comes

    def work_off_queue(self) -> int:
        """Have the worker process the queue, and return how many messages there were."""
        answer = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
        messages = answer.get("Messages", [])
        for message in messages:
            assert self.work([message["Body"]]) == {"batchItemFailures": []}
            self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return len(messages)

    def sync(self) -> dict[str, int]:
        """What the schedule does."""
        return sync.handler({}, Context(SECONDS))


def check(voter: object = "1", campaign: object = CAMPAIGN, seconds: float = CALL_SECONDS) -> Answer:
    """Has this voter signed? The function has so many seconds to say it."""
    return post(app.handler, {"campaignId": str(campaign), "voterId": voter}, seconds=seconds)


def check_many(voters: Sequence[object], campaign: object = CAMPAIGN) -> Answer:
    """Which of these voters have signed?"""
    return post(app.handler, {"campaignId": str(campaign), "voterIds": voters})


def find_signers(voters: Sequence[str], campaign: UUID = CAMPAIGN) -> set[str]:
    """Those of some voters of whom the check says that they have signed."""
    answer = check_many(voters, campaign)
    assert answer.status == 200, answer
    return set(answer.body["signed"])


def exists(voter: str, campaign: UUID = CAMPAIGN) -> bool:
    """Whether the check says that a voter has signed; it must say one or the other."""
    answer = check(voter, campaign)
    assert answer.status == 200, answer
    found: Any = answer.body["exists"]
    assert isinstance(found, bool)
    return found
