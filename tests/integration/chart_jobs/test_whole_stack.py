"""Charts in the stack that `make dev` starts: its database, its queue, its worker, and its schedule by hand."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from postgrest import ReturnMethod

from local.description import Description, UserAccess
from local.project import connect
from local.refresh import Work
from local.session import access_token
from local.state import ROOT
from supabase import Client
from tests.aws import sqs_client
from tests.integration.chart_jobs.project import COUNT, WRONG, until
from tests.stack_state import state_of

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

SECONDS = 60


@dataclass
class Charts:
    """The stack's charts, as the service role sees them, and the route, as its users do."""

    stack: Description
    project: Client

    def add(self, title: str, config: Any) -> str:  # noqa: ANN401 - JSON
        """Add a chart to the demo's campaign."""
        row = {"campaign_id": self.stack.campaign.id, "title": title, "config": config}
        (added,) = self.project.table("charts").insert(row).execute().data
        return str(added["id"])  # type: ignore[index,call-overload]  # a row

    def row(self, chart: str) -> dict[str, Any]:
        """A chart as it is stored."""
        (row,) = self.project.table("charts").select("*").eq("id", chart).execute().data
        return row  # type: ignore[return-value]  # a row

    def generate(self, chart: str, user: UserAccess, **headers: str) -> httpx.Response:
        """Ask for a chart."""
        token = access_token(self.stack, user)
        headers = {"Authorization": f"Bearer {token}", **headers}
        return httpx.post(f"{self.stack.api}/api/charts/{chart}", headers=headers, timeout=SECONDS)


@pytest.fixture
def charts(stack: Description) -> Iterator[Charts]:
    """What a test adds is removed after it."""
    with connect(stack.supabase.url, stack.supabase.secret_key) as project:
        before = [str(row["id"]) for row in project.table("charts").select("id").execute().data]  # type: ignore[index,call-overload]  # rows
        yield Charts(stack, project)
        project.table("charts").delete().not_.in_("id", before).execute()


def run_refresh(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local.refresh", "--state", str(state), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=SECONDS)  # noqa: S603 - our own program


def test_the_organizer_generates_a_chart_and_finds_it_stored(charts: Charts, stack: Description) -> None:
    chart = charts.add("New", COUNT)
    answer = charts.generate(chart, stack.users.organizer)
    row = charts.row(chart)
    assert answer.status_code == 200
    assert answer.json()["chart"] == {
        "id": chart,
        "title": "New",
        "data": row["data"],
        "generatedAt": row["data"]["generatedAt"],
    }
    assert row["data"]["rows"] == [{"n": 3000}]


def test_every_kind_of_condition_and_zone_is_drawn_by_the_stacks_database(charts: Charts, stack: Description) -> None:
    time_dimension = {"dimension": "signed_at", "granularity": "hour"}
    filters = [
        {"member": "verified_on", "operator": "set"},
        {"member": "signed_at", "operator": "inDateRange", "values": ["last 2 months"]},
        {"member": "verified_on", "operator": "notEquals", "values": ["2026-11-02"]},
    ]
    for zone in ("Japan", "CET", "America/St_Johns", "Etc/GMT-14"):
        config = COUNT | {"timezone": zone, "timeDimension": time_dimension, "filters": filters}
        answer = charts.generate(charts.add(zone, config), stack.users.organizer)
        assert answer.status_code == 200, answer.text
        assert answer.json()["chart"]["data"]["rows"][0]["n"] > 0


def test_the_viewer_generates_none(charts: Charts, stack: Description) -> None:
    assert charts.generate(stack.chart.id, stack.users.viewer).status_code == 403


def test_the_stacks_worker_delivers_what_is_asked_for_later(charts: Charts, stack: Description) -> None:
    chart = charts.add("Later", COUNT)
    assert charts.generate(chart, stack.users.organizer, Prefer="respond-async").status_code == 202
    until(lambda: charts.row(chart)["status"] == "ready")


def test_refreshing_by_hand_generates_what_is_due_and_names_what_fails(charts: Charts, stack: Description) -> None:
    chart = charts.add("Due", COUNT)
    charts.add("Not [bold]to be[/bold] drawn", WRONG)
    done = run_refresh(state_of(stack).folder)
    assert done.returncode == 1
    assert "Not [bold]to be[/bold] drawn: This measure needs a field that holds numbers." in done.stdout
    assert charts.row(chart)["status"] == "ready"
    assert "No chart is due" in run_refresh(state_of(stack).folder).stdout


def count_hidden(queue: "SQSClient", url: str) -> int:
    """How many messages come again later."""
    attributes = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return int(attributes["ApproximateNumberOfMessagesNotVisible"])


def test_refreshing_does_not_wait_for_what_an_earlier_run_has_left(charts: Charts, stack: Description) -> None:
    url = json.loads(state_of(stack).environment_file.read_text())["CHART_QUEUE_URL"]
    queue = sqs_client(stack.aws.url)
    queue.send_message(QueueUrl=url, MessageBody="never to be understood")
    until(lambda: count_hidden(queue, url) == 1)
    chart = charts.add("Due", COUNT)
    began = time.monotonic()
    done = run_refresh(state_of(stack).folder)
    assert (done.returncode, charts.row(chart)["status"]) == (0, "ready")
    assert time.monotonic() - began < 30
    queue.purge_queue(QueueUrl=url)


def test_more_failures_than_an_answer_holds_are_all_named(charts: Charts, stack: Description) -> None:
    failed = {"campaign_id": stack.campaign.id, "config": COUNT, "status": "failed", "error": {"message": "It failed."}}
    began = datetime.now(UTC)
    for batch in range(3):
        rows = [failed | {"title": f"{batch}-{number}", "attempted_at": began.isoformat()} for number in range(500)]
        charts.project.table("charts").insert(rows, returning=ReturnMethod.minimal).execute()
    assert len(Work(stack, charts.project, "", began).list_failed("failed", "invalid")) == 1500


def test_every_chart_can_be_generated_though_none_is_due(charts: Charts, stack: Description) -> None:
    chart = charts.add("Not due", COUNT)
    run_refresh(state_of(stack).folder)
    generated = charts.row(chart)["generated_at"]
    done = run_refresh(state_of(stack).folder, "--all")
    assert done.returncode == 0, done.stdout
    assert charts.row(chart)["generated_at"] > generated


def test_refreshing_without_a_stack_says_how_to_start_one(tmp_path: Path) -> None:
    done = run_refresh(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "The stack is not running: start it with  make dev\n"


def test_what_is_counted_has_the_name_and_the_dimension_that_the_alarms_look_for(
    charts: Charts, stack: Description
) -> None:
    charts.add("Counted", COUNT)
    run_refresh(state_of(stack).folder)
    log = state_of(stack).log("WorkerFunction").read_text()
    counted = json.loads(next(line for line in reversed(log.splitlines()) if "ChartsRefreshed" in line))
    described = counted["_aws"]["CloudWatchMetrics"][0]
    assert (described["Namespace"], described["Dimensions"], counted["service"]) == (
        "Petition",
        [["service"]],
        "petition",
    )
