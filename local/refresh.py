"""`python -m local.refresh`: do what the schedule does on the running stack, and show how the charts are generated.

Ctrl-C stops the display, not the work: the stack's worker handles the queue's messages.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
from postgrest import APIError, SyncSelectRequestBuilder
from pydantic import BaseModel, TypeAdapter
from rich.console import Console
from rich.progress import Progress

from local.description import Description
from local.gateway import FunctionError
from local.invoke import invoke
from local.loopback import LOOPBACK
from local.project import connect
from local.services.aws import SQS
from local.stack import Options
from local.state import ROOT, State
from supabase import Client

FUNCTION = "RefreshFunction"
EVENT = ROOT / "events" / "schedule.json"
SECONDS = 10
LOOK_SECONDS = 0.2
WAITING = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
PAGE = 1000  # the most rows that an answer of Supabase holds
INVALID = "invalid_chart"
QUIET_SECONDS = 180  # longer than a worker may take for a batch
NOTHING_DUE = (
    "No chart is due: one is when its definition was edited, or when its refresh_interval has passed.\n"
    "To generate every chart now:  make refresh-charts ALL=1"
)
QUEUE_BATCH = 10  # what one SendMessageBatch takes
AWAY = "The stack is not running: start it with  make dev"


class Result(BaseModel):
    """The function's answer."""

    due: int
    queued: int


class Reason(BaseModel):
    """Why a chart could not be generated."""

    message: str
    code: str | None = None


class FailedChart(BaseModel):
    """A chart whose last attempt failed."""

    id: UUID
    title: str
    error: Reason


@dataclass(frozen=True)
class Work:
    """The work of one run: what it has queued, and how that has ended."""

    stack: Description
    project: Client
    queue_url: str
    began: datetime

    def count_left(self) -> int:
        """Count the messages that wait or are being worked on."""
        answer = self._call_queue("GetQueueAttributes", {"AttributeNames": list(WAITING)})
        return sum(int(answer["Attributes"][name]) for name in WAITING)

    def count_retries(self) -> int:
        """Count the messages that wait for another attempt: those of charts whose definition is valid."""
        return sum(chart.error.code != INVALID for chart in self.list_failed("failed"))

    def list_failed(self, *statuses: str) -> Sequence[FailedChart]:
        """Return the charts that were tried since the beginning and have one of these statuses."""
        began = self.began.isoformat()

        def select_tried() -> SyncSelectRequestBuilder:
            charts = self.project.table("charts").select("id", "title", "error")
            return charts.in_("status", statuses).gte("attempted_at", began)

        return TypeAdapter(list[FailedChart]).validate_python(_every_row(select_tried))

    def queue_all(self) -> int:
        """Queue every chart, due or not.

        Returns:
            how many charts there are.
        """
        charts = [row["id"] for row in _every_row(lambda: self.project.table("charts").select("id"))]
        for batch in batched(charts, QUEUE_BATCH, strict=False):
            messages = [{"chart_id": chart, "requested_at": self.began.isoformat()} for chart in batch]
            entries = [{"Id": str(n), "MessageBody": json.dumps(message)} for n, message in enumerate(messages)]
            self._call_queue("SendMessageBatch", {"Entries": entries})
        return len(charts)

    def _call_queue(self, action: str, body: dict[str, object]) -> dict[str, Any]:
        headers = {**SQS, "X-Amz-Target": f"AmazonSQS.{action}"}
        answer = httpx.post(
            self.stack.aws.url, headers=headers, json={"QueueUrl": self.queue_url, **body}, timeout=SECONDS, **LOOPBACK
        )
        return cast("dict[str, Any]", answer.raise_for_status().json())


def _every_row(query: Callable[[], SyncSelectRequestBuilder]) -> list[dict[str, Any]]:
    """Return all rows of a query on charts, read a page at a time: an answer of Supabase stops at 1,000."""
    rows: list[dict[str, Any]] = []
    while True:
        page = query().order("id").range(len(rows), len(rows) + PAGE - 1).execute().data
        rows += cast("list[dict[str, Any]]", page)
        if len(page) < PAGE:
            return rows


def refresh(state: State, console: Console, *, every: bool = False) -> int:
    """Queue the due charts, or all, and wait until they are done.

    Returns:
        how many charts failed.

    Raises:
        OSError: no stack is running.
        FunctionError: the schedule's function failed.
        httpx.HTTPError: the stack was stopped meanwhile.
    """
    stack, began = Description.read(state.stack_file), datetime.now(UTC)
    with connect(stack.supabase.url, stack.supabase.secret_key) as project:
        work = Work(stack, project, _queue_url(state), began)
        earlier = work.count_left()
        queued = work.queue_all() if every else _queue_due(state, console)
        if not queued:
            return 0
        _watch(work, earlier, queued, console)
        return _report(work.list_failed("failed", "invalid"), queued, console)


def _queue_due(state: State, console: Console) -> int:
    event = json.loads(EVENT.read_text())
    result = Result.model_validate(asyncio.run(invoke(Options(state), FUNCTION, event)))
    console.print(f"{result.queued} of {result.due} due charts are queued." if result.due else NOTHING_DUE)
    return result.queued


def _watch(work: Work, earlier: int, queued: int, console: Console) -> None:
    """Wait until only failed messages are left, which come again much later."""
    with Progress(console=console) as progress:
        task = progress.add_task("Generating", total=queued)
        for left in _yield_counts(work, earlier):
            progress.update(task, completed=max(queued - left, 0))
        progress.update(task, completed=queued)


def _yield_counts(work: Work, earlier: int) -> Iterator[int]:
    last, since = work.count_left() - earlier, time.monotonic()
    while (left := work.count_left() - earlier) > work.count_retries() and time.monotonic() - since < QUIET_SECONDS:
        if left != last:
            last, since = left, time.monotonic()
        yield left
        time.sleep(LOOK_SECONDS)


def _queue_url(state: State) -> str:
    environment: dict[str, str] = json.loads(state.environment_file.read_text())
    return environment["CHART_QUEUE_URL"]


def _report(failed: Sequence[FailedChart], queued: int, console: Console) -> int:
    for chart in failed:
        console.print(f"  {chart.title}: {chart.error.message}", style="red", markup=False)
    console.print(f"{queued - len(failed)} charts are generated, {len(failed)} failed.")
    return len(failed)


def main() -> int:
    """Refresh the charts and show the progress.

    Returns:
        1 if no stack is running, or if the schedule or a chart fails; 0 otherwise.
    """
    parser = argparse.ArgumentParser(prog="python -m local.refresh", description=__doc__)
    parser.add_argument("--state", type=Path, default=State.default().folder, help="the folder of the stack")
    parser.add_argument("--all", action="store_true", help="every chart, due or not")
    given = parser.parse_args()
    try:
        return min(refresh(State(given.state.resolve()), Console(highlight=False, soft_wrap=True), every=given.all), 1)
    except (OSError, httpx.HTTPError, APIError):
        sys.stderr.write(f"{AWAY}\n")
    except FunctionError as error:
        sys.stderr.write(f"The schedule failed: {error}\n")
    except KeyboardInterrupt:
        sys.stderr.write("The stack goes on generating the charts.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
