"""`python -m local.rebuild_signers [campaign]`: build the sets of signers of the running stack again, and show how.

The stack's own worker builds them. The old set of a campaign answers until its new one is there.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import httpx
from postgrest import APIError
from redis import Redis, RedisError
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from local.description import Description
from local.loopback import LOOPBACK
from local.project import connect
from local.services.aws import SQS
from local.state import State

SECONDS = 10
LOOK_SECONDS = 0.1
QUIET_SECONDS = 120  # longer than the worker is silent between two pages
AWAY = "The stack is not running: start it with  make dev"


@dataclass(frozen=True)
class Sets:
    """The sets of a running stack, and the queue of those to be built."""

    stack: Description
    redis: "Redis"
    queue_url: str

    def campaigns(self) -> Sequence[str]:
        """Return the id of every campaign."""
        with connect(self.stack.supabase.url, self.stack.supabase.secret_key) as project:
            rows = project.table("campaigns").select("id").order("id").execute().data
        return [row["id"] for row in cast("list[dict[str, str]]", rows)]

    def queue(self, campaign: str) -> None:
        """Have the worker build a set."""
        body = {"QueueUrl": self.queue_url, "MessageBody": json.dumps({"campaign_id": campaign, "force": True})}
        headers = {**SQS, "X-Amz-Target": "AmazonSQS.SendMessage"}
        httpx.post(self.stack.aws.url, headers=headers, json=body, timeout=SECONDS, **LOOPBACK).raise_for_status()

    def position(self, campaign: str) -> object:
        """Return the set's position, which differs after a rebuild."""
        return self.redis.get(f"{{campaign:{campaign}:signers}}:position")

    def is_building(self, campaign: str) -> bool:
        """Check whether the worker is building the set."""
        return bool(self.redis.exists(f"{{campaign:{campaign}:signers}}:rebuild"))

    def count_copied(self, campaign: str) -> int:
        """Return how many signers the worker has copied so far."""
        return int(str(self.redis.get(f"{{campaign:{campaign}:signers}}:rebuild") or 0))

    def is_whole(self, campaign: str) -> bool:
        """Check whether the set is whole, so that the duplicate check trusts it."""
        return bool(self.redis.sismember(f"campaign:{campaign}:signers", "*"))

    def size(self, campaign: str) -> int:
        """Return how many signers a whole set has."""
        return int(str(self.redis.scard(f"campaign:{campaign}:signers"))) - 1


def build(sets: Sets, campaign: str) -> Iterator[int]:
    """Build a campaign's set, and yield the number of copied signers whenever it grows.

    Raises:
        TimeoutError: the worker makes no progress.
    """
    before, count, since = sets.position(campaign), 0, time.monotonic()
    sets.queue(campaign)
    while sets.is_building(campaign) or sets.position(campaign) == before or not sets.is_whole(campaign):
        if (copied := sets.count_copied(campaign)) > count:
            count, since = copied, time.monotonic()
            yield count
        if time.monotonic() - since > QUIET_SECONDS:
            raise TimeoutError
        time.sleep(LOOK_SECONDS)
    yield sets.size(campaign)


def rebuild(sets: Sets, campaigns: Sequence[str], console: Console) -> None:
    """Build the sets of some campaigns, one after the other, and show the progress.

    Raises:
        TimeoutError: the worker makes no progress.
        httpx.HTTPError, RedisError: the stack was stopped meanwhile.
    """
    shown = TextColumn("{task.description}  {task.completed:,.0f} signers"), TimeElapsedColumn()
    with Progress(*shown, console=console) as progress:
        for campaign in campaigns:
            task = progress.add_task(campaign, total=None)
            for count in build(sets, campaign):
                progress.update(task, completed=count)
            progress.update(task, total=count)
    console.print(f"{len(campaigns)} sets are whole.")


def main() -> int:
    """Build the sets and show the progress.

    Returns:
        1 if no stack is running or a set is not built, 0 otherwise.
    """
    parser = argparse.ArgumentParser(prog="python -m local.rebuild_signers", description=__doc__)
    parser.add_argument("campaign", nargs="?", help="a campaign's id; without it, all campaigns")
    parser.add_argument("--state", type=Path, default=State.default().folder, help="the folder of the stack")
    given = parser.parse_args()
    state = State(given.state.resolve())
    try:
        stack = Description.read(state.stack_file)
        queue_url = json.loads(state.environment_file.read_text())["SIGNERS_QUEUE_URL"]
        with Redis.from_url(stack.redis.url, socket_timeout=SECONDS, decode_responses=True) as redis:
            sets = Sets(stack, redis, queue_url)
            rebuild(sets, [given.campaign] if given.campaign else sets.campaigns(), Console(highlight=False))
    except TimeoutError:
        sys.stderr.write("The set was not built: see the log of SignersRebuildFunction in .local/logs.\n")
        return 1
    except (OSError, httpx.HTTPError, APIError, RedisError):
        sys.stderr.write(f"{AWAY}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
