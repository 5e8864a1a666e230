"""The worker on a real database: what comes again, what does not, and what is generated twice."""

import json
import time
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from charts.worker import handler
from local.state import free_port
from petition.clients.sqs_event import BatchResponse
from petition.config.settings import SettingsError
from tests.integration.chart_jobs.jobs import event, message, metrics
from tests.integration.chart_jobs.project import BROKEN, COUNT, MISSING, SLOW, WRONG, Meanwhile, Project
from tests.integration.lambda_process import Context, capture_log

pytestmark = pytest.mark.usefixtures("_process")
SECONDS = 160


def failed_ids(result: BatchResponse) -> list[str]:
    return [failure["itemIdentifier"] for failure in result["batchItemFailures"]]


def test_every_chart_of_a_batch_is_generated_and_none_comes_again(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    charts = project.add(count=3)
    assert failed_ids(handler(event(*map(message, charts)), Context(SECONDS))) == []
    assert [data["rows"] for data in project.column("data", charts)] == [[{"n": 3}]] * 3
    counted = metrics(capsys.readouterr().out)
    assert (sum(counted["ChartsRefreshed"]), len(counted["ChartDuration"])) == (3, 3)
    assert "ChartsFailed" not in counted
    assert all(0 < milliseconds < SECONDS * 1000 for milliseconds in counted["ChartDuration"])


def test_one_bad_chart_comes_again_alone(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    charts = [*project.add(), *project.add(BROKEN), *project.add()]
    assert failed_ids(handler(event(*map(message, charts)), Context(SECONDS))) == ["1"]
    assert project.column("status", charts) == ["ready", "failed", "ready"]
    assert sum(metrics(capsys.readouterr().out)["ChartsFailed"]) == 1


@pytest.mark.parametrize(
    ("config", "status"), [(WRONG, "invalid"), ({"source": "signatures"}, "invalid"), (MISSING, "failed")]
)
def test_a_definition_that_cannot_be_drawn_is_recorded_as_such_and_does_not_come_again(
    project: Project, config: dict[str, object], status: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (chart,) = project.add(config)
    assert failed_ids(handler(event(message(chart)), Context(SECONDS))) == []
    row = project.row(chart)
    assert (row["status"], row["error"]["code"], row["data"]) == (status, "invalid_chart", None)
    assert sum(metrics(capsys.readouterr().out)["ChartsFailed"]) == 1


@pytest.mark.parametrize(
    "config", ['{"limit": 1e5000}', "[" * 1000 + "]" * 1000], ids=["thousands of digits", "a thousand lists"]
)
def test_so_is_one_that_cannot_even_be_read(project: Project, config: str) -> None:
    chart = project.add_text(config)
    assert failed_ids(handler(event(message(chart)), Context(SECONDS))) == []
    assert project.row(chart)["status"] == "invalid"


def test_the_last_good_data_stays_when_a_definition_is_broken(project: Project) -> None:
    (chart,) = project.add()
    handler(event(message(chart)), Context(SECONDS))
    good = project.row(chart)
    project.edit(chart, WRONG)
    handler(event(message(chart)), Context(SECONDS))
    row = project.row(chart)
    assert (row["data"], row["generated_at"], row["status"]) == (good["data"], good["generated_at"], "invalid")


def test_a_message_that_comes_twice_generates_once(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    (chart,) = project.add()
    twice = message(chart, datetime.now(UTC).isoformat())
    assert failed_ids(handler(event(twice, twice), Context(SECONDS))) == []
    assert failed_ids(handler(event(twice), Context(SECONDS))) == []
    assert project.count_writes(chart) == 1
    assert sum(metrics(capsys.readouterr().out)["ChartsRefreshed"]) == 1


def test_an_edit_after_the_request_is_generated_all_the_same(project: Project) -> None:
    (chart,) = project.add()
    requested = message(chart, datetime.now(UTC).isoformat())
    handler(event(requested), Context(SECONDS))
    project.edit(chart, COUNT | {"limit": 1})
    handler(event(requested), Context(SECONDS))
    assert project.count_writes(chart) == 2


def test_a_chart_that_was_deleted_does_not_come_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert failed_ids(handler(event(message(uuid4())), Context(SECONDS))) == []
    assert metrics(capsys.readouterr().out) == {}


@pytest.mark.parametrize("body", ["", "chart", "{}", '{"chart_id": "1", "requested_at": "2026-11-22T00:00:00Z"}'])
def test_a_message_that_says_nothing_comes_again_and_stops_no_other(project: Project, body: str) -> None:
    (chart,) = project.add()
    assert failed_ids(handler(event(body, message(chart)), Context(SECONDS))) == ["0"]
    assert project.row(chart)["status"] == "ready"


def test_what_is_being_generated_right_now_is_waited_for(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    (chart,) = project.add(SLOW)
    requested = message(chart, datetime.now(UTC).isoformat())
    with project.brake() as brake:
        first = Meanwhile(lambda: handler(event(requested), Context(SECONDS)))
        brake.wait_for(1)
        second = Meanwhile(lambda: handler(event(requested), Context(SECONDS)))
        time.sleep(1)  # so that the second has met the first
        brake.release()
        assert (failed_ids(first.result()), failed_ids(second.result())) == ([], [])
    assert project.count_writes(chart) == 1
    assert sum(metrics(capsys.readouterr().out)["ChartsRefreshed"]) == 1


def test_what_is_requested_during_a_generation_is_generated_after_it(project: Project) -> None:
    (chart,) = project.add(SLOW)
    with project.brake() as brake:
        first = Meanwhile(lambda: handler(event(message(chart)), Context(SECONDS)))
        brake.wait_for(1)
        second = Meanwhile(lambda: handler(event(message(chart, datetime.now(UTC).isoformat())), Context(SECONDS)))
        time.sleep(1)
        brake.release()
        assert (failed_ids(first.result()), failed_ids(second.result())) == ([], [])
    assert project.count_writes(chart) == 2


def test_a_generation_that_does_not_end_is_not_waited_for_longer_than_a_chart_may_take(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHART_SECONDS", "1.5")
    (chart,) = project.add(SLOW)
    with project.server.connect(project.database.info.dbname) as other, other.transaction():
        other.execute("select pg_advisory_xact_lock(hashtextextended('chart:' || %s, 0))", (chart,))
        began = time.monotonic()
        assert failed_ids(handler(event(message(chart)), Context(SECONDS))) == ["0"]
    assert 1.4 < time.monotonic() - began < 5


def test_a_chart_is_not_begun_without_the_time_that_one_may_take(project: Project) -> None:
    charts = project.add(count=2)
    assert failed_ids(handler(event(*map(message, charts)), Context(30.4))) == ["0", "1"]
    assert project.column("attempted_at", charts) == [None, None]


def test_what_was_not_begun_is_no_failure(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    handler(event(message(project.add()[0])), Context(1))
    assert metrics(capsys.readouterr().out) == {}


def test_everything_comes_again_while_supabase_is_unavailable(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPABASE_URL", f"http://127.0.0.1:{free_port()}")
    charts = project.add(count=2)
    assert failed_ids(handler(event(*map(message, charts)), Context(SECONDS))) == ["0", "1"]


def test_a_worker_that_is_set_up_wrongly_gives_up_the_whole_batch(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SUPABASE_URL")
    with pytest.raises(SettingsError, match="not set: SUPABASE_URL"):
        handler(event(message(project.add()[0])), Context(SECONDS))


def test_a_cancelled_statement_comes_again_and_leaves_the_database_idle(project: Project) -> None:
    (chart,) = project.add(SLOW)
    with project.statement_timeout(300), project.brake() as brake:
        assert failed_ids(handler(event(message(chart)), Context(SECONDS))) == ["0"]
        assert brake.count_waiting() == 0
    row = project.row(chart)
    assert (row["status"], row["error"]["code"]) == ("failed", "timeout")


def test_what_fails_is_logged_by_its_kind_and_nothing_of_a_chart_is(project: Project) -> None:
    charts = [*project.add(BROKEN), *project.add(WRONG), *project.add()]
    with capture_log() as log:
        handler(event("secret words", *map(message, charts)), Context(SECONDS))
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(line["message_id"], line["cause"]) for line in lines] == [("0", "DecodeError"), ("1", "UpstreamError")]
    assert not [word for word in ("secret", "A chart", "nothing", "division", "apikey") if word in log.getvalue()]
