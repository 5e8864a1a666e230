"""`python -m local.refresh`: do what the schedule does on the running stack, and show how the charts are generated.

Ctrl-C ends what is shown and not what is done: the stack's worker takes the queue's messages.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
from pydantic import BaseModel, TypeAdapter
from rich.console import Console
from rich.progress import Progress

from local.description import Description
from local.gateway import FunctionError
from local.invoke import invoke
from local.services.aws import SQS
from local.stack import Options
from local.state import ROOT, State

FUNCTION = "RefreshFunction"
EVENT = ROOT / "events" / "schedule.json"
SECONDS = 10
LOOK_SECONDS = 0.2
WAITING = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
PAGE = 1000  # the most rows that an answer of Supabase holds
INVALID = "invalid_chart"
QUIET_SECONDS = 180  # longer than a worker may take for a batch
NOTHING_DUE = "No chart is due: one is when its definition was edited, or when its refresh_interval has passed."
AWAY = "The stack is not running: start it with  make dev"


class Result(BaseModel):
    """What the function answers."""

    due: int
    queued: int


class Reason(BaseModel):
    """Why a chart could not be generated."""

    message: str
    code: str | None = None


class Failed(BaseModel):
    """A chart whose last attempt failed."""

    id: UUID
    title: str
    error: Reason


@dataclass(frozen=True)
class Work:
    """What one run has queued, and what has become of it."""

    stack: Description
    queue_url: str
    began: datetime

    def left(self) -> int:
        """How many messages wait or are being worked on."""
        answer = httpx.post(
            self.stack.aws.url,
            headers={**SQS, "X-Amz-Target": "AmazonSQS.GetQueueAttributes"},
            json={"QueueUrl": self.queue_url, "AttributeNames": list(WAITING)},
            timeout=SECONDS,
        )
        attributes: dict[str, str] = answer.raise_for_status().json()["Attributes"]
        return sum(int(attributes[name]) for name in WAITING)

    def coming_again(self) -> int:
        """How many messages wait for another attempt: those of charts that failed for no reason of their own."""
        return sum(chart.error.code != INVALID for chart in self.failed("failed"))

    def failed(self, *statuses: str) -> Sequence[Failed]:
        """The charts that were tried since the beginning and have such a status."""
        charts = list(self._failed_after(UUID(int=0), statuses))
        while charts and len(charts) % PAGE == 0 and (page := self._failed_after(charts[-1].id, statuses)):
            charts += page
        return charts

    def _failed_after(self, last: UUID, statuses: Sequence[str]) -> Sequence[Failed]:
        answer = httpx.get(
            f"{self.stack.supabase.url}/rest/v1/charts",
            params={
                "select": "id,title,error",
                "id": f"gt.{last}",
                "order": "id",
                "limit": str(PAGE),
                "status": f"in.({','.join(statuses)})",
                "attempted_at": f"gte.{self.began.isoformat()}",
            },
            headers={"apikey": self.stack.supabase.secret_key},
            timeout=SECONDS,
        )
        return TypeAdapter(list[Failed]).validate_json(answer.raise_for_status().content)


def refresh(state: State, console: Console) -> int:
    """Queue what is due and wait until it is done; how many charts failed.

    Raises:
        OSError: no stack is running.
        FunctionError: the schedule's function failed.
        httpx.HTTPError: the stack was stopped meanwhile.
    """
    stack, began = Description.read(state.stack_file), datetime.now(UTC)
    work = Work(stack, _queue_url(state), began)
    earlier = work.left()
    event = json.loads(EVENT.read_text())
    result = Result.model_validate(asyncio.run(invoke(Options(state), FUNCTION, event)))
    if not result.due:
        console.print(NOTHING_DUE)
        return 0
    console.print(f"{result.queued} of {result.due} due charts are queued.")
    _watch(work, earlier, result.queued, console)
    return _told(work.failed("failed", "invalid"), result.queued, console)


def _watch(work: Work, earlier: int, queued: int, console: Console) -> None:
    """Until nothing is left but what has failed, now or in an earlier run: that comes again much later."""
    with Progress(console=console) as progress:
        task = progress.add_task("Generating", total=queued)
        for left in _changing(work, earlier):
            progress.update(task, completed=max(queued - left, 0))
        progress.update(task, completed=queued)


def _changing(work: Work, earlier: int) -> Iterator[int]:
    last, since = work.left() - earlier, time.monotonic()
    while (left := work.left() - earlier) > work.coming_again() and time.monotonic() - since < QUIET_SECONDS:
        if left != last:
            last, since = left, time.monotonic()
        yield left
        time.sleep(LOOK_SECONDS)


def _queue_url(state: State) -> str:
    environment: dict[str, str] = json.loads(state.environment_file.read_text())
    return environment["CHART_QUEUE_URL"]


def _told(failed: Sequence[Failed], queued: int, console: Console) -> int:
    for chart in failed:
        console.print(f"  {chart.title}: {chart.error.message}", style="red", markup=False)
    console.print(f"{queued - len(failed)} charts are generated, {len(failed)} failed.")
    return len(failed)


def main() -> int:
    """Show it; 1 where no stack runs, where the schedule fails, or a chart does."""
    parser = argparse.ArgumentParser(prog="python -m local.refresh", description=__doc__)
    parser.add_argument("--state", type=Path, default=State.default().folder, help="the folder of the stack")
    state = State(parser.parse_args().state.resolve())
    try:
        return min(refresh(state, Console(highlight=False, soft_wrap=True)), 1)
    except (OSError, httpx.HTTPError):
        sys.stderr.write(f"{AWAY}\n")
    except FunctionError as error:
        sys.stderr.write(f"The schedule failed: {error}\n")
    except KeyboardInterrupt:
        sys.stderr.write("The charts go on being generated.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
