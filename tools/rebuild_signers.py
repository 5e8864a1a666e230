"""Build the sets of signers of a deployed stack again: python -m tools.rebuild_signers STACK [campaign].

The stack's worker builds them, and what it logs is shown. Ctrl-C stops the display, not the work.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.command import CommandError
from tools.deployed import outputs

LOOK_SECONDS = 2.0
QUIET_SECONDS = 330  # longer than the worker may take for one campaign
QUEUED, REBUILT, FAILED = "rebuilds queued", "signers rebuilt", "signers not rebuilt"


def rebuild(stack: str, campaign: str | None) -> Iterator[str]:
    """Queue the rebuild, and yield what the worker reports until it has built everything.

    Raises:
        KeyError: the stack has no queue of signers.
        TimeoutError: the worker has logged nothing for longer than it may take.
        tools.deployed.NotDeployed: there is no such stack.
        botocore.exceptions.BotoCoreError, ClientError: AWS refuses.
    """
    queue_url = outputs(stack)["SignersQueueUrl"]
    began = int(time.time() * 1000)
    boto3.client("sqs").send_message(
        QueueUrl=queue_url, MessageBody=json.dumps({"campaign_id": campaign, "force": True})
    )
    yield "The rebuild is queued."
    left = {campaign} if campaign else None
    for line in _lines(f"/aws/lambda/{stack}-signers-rebuild", began):
        if line["message"] == QUEUED and left is None:
            left = set(line["campaigns"])
            yield f"{len(left)} campaigns are queued."
        elif line["message"] == REBUILT:
            yield f"{line['campaign']}: {line['count']:,} signers."
            if left is not None:
                left.discard(line["campaign"])
        elif line["message"] == FAILED:
            yield f"A set could not be built ({line['cause']}). It is tried again."
        if left is not None and not left:
            return


def _lines(group: str, began: int) -> Iterator[dict[str, Any]]:
    """Yield each line that the worker logs from a moment on."""
    logs, seen, since = boto3.client("logs"), set[str](), time.monotonic()
    while time.monotonic() - since < QUIET_SECONDS:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=began)
        for event in [event for page in pages for event in page["events"] if event["eventId"] not in seen]:
            seen.add(event["eventId"])
            since = time.monotonic()
            yield from _parse(event["message"])
        time.sleep(LOOK_SECONDS)
    raise TimeoutError


def _parse(text: str) -> Iterator[dict[str, Any]]:
    try:
        line = json.loads(text)
    except ValueError:
        return
    if isinstance(line, dict) and "message" in line:
        yield line


def main() -> int:
    """Rebuild and show the log.

    Returns:
        1 if the rebuild fails, 0 if not.
    """
    parser = argparse.ArgumentParser(prog="python -m tools.rebuild_signers", description=__doc__)
    parser.add_argument("stack", help="the stack's name")
    parser.add_argument("campaign", nargs="?", help="a campaign's id; without it, all campaigns")
    given = parser.parse_args()
    try:
        for line in rebuild(given.stack, given.campaign):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    except (CommandError, BotoCoreError, ClientError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyError:
        sys.stderr.write(f"{given.stack} keeps no sets of signers.\n")
        return 1
    except TimeoutError:
        sys.stderr.write("The worker logs nothing: see docs/runbook.md, Signers dead letters.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
