"""The schedule on a real database and a real queue: every due chart, ten a call, whatever else goes on."""

from collections import Counter
from urllib.parse import urlsplit

import msgspec
import pytest

from charts.queue import ChartRequest
from charts.refresh import handler
from charts.worker import handler as worker
from local.state import free_port
from petition.config.settings import SettingsError
from petition.errors import UpstreamError, UpstreamTimeout
from tests.integration.chart_jobs.jobs import Queue, metrics
from tests.integration.chart_jobs.project import COUNT, WRONG, Meanwhile, Project
from tests.integration.lambda_process import Context, process
from tests.integration.search.faults import answer, faulty
from tests.queue_sink import queue_sink

SECONDS = 120


def _through(url: str, queue: Queue) -> dict[str, str]:
    return {"AWS_ENDPOINT_URL": url, "CHART_QUEUE_URL": url + urlsplit(queue.url).path}


def test_ten_thousand_charts_are_queued_once_each_with_a_thousand_calls(
    project: Project, queue: Queue, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    due = project.add(count=10_000)
    with queue_sink() as sink, process(environment | _through(sink.url, queue)):
        assert handler({}, Context(SECONDS)) == {"due": 10_000, "queued": 10_000}
    assert len(sink.calls) == 1000
    assert sorted(msgspec.json.decode(body, type=ChartRequest).chart_id for call in sink.calls for body in call) == due
    counted = metrics(capsys.readouterr().out)
    assert (counted["ChartsDue"], counted["ChartsQueued"]) == ([10_000], [10_000])


@pytest.mark.usefixtures("_process")
def test_the_real_queue_takes_more_charts_than_an_answer_of_the_database_holds(project: Project, queue: Queue) -> None:
    project.add(count=1005)
    assert handler({}, Context(SECONDS)) == {"due": 1005, "queued": 1005}
    assert queue.waiting() == 1005


@pytest.mark.usefixtures("_process")
def test_only_due_charts_are_queued(project: Project, queue: Queue) -> None:
    fresh, wrong, edited = project.add(), project.add(WRONG), project.add()
    handler({}, Context(SECONDS))
    worker(queue.batch(), Context(SECONDS))
    project.edit(edited[0], COUNT | {"limit": 1})
    assert handler({}, Context(SECONDS)) == {"due": 1, "queued": 1}
    assert project.row(fresh[0])["status"] == "ready"
    assert project.row(wrong[0])["status"] == "invalid"


@pytest.mark.usefixtures("_process")
def test_nothing_due_is_counted_too(queue: Queue, capsys: pytest.CaptureFixture[str]) -> None:
    assert handler({}, Context(SECONDS)) == {"due": 0, "queued": 0}
    assert metrics(capsys.readouterr().out) == {"ChartsDue": [0], "ChartsQueued": [0], "OldestChartAge": [0]}
    assert queue.waiting() == 0


def test_the_age_of_the_oldest_chart_is_that_of_its_data(
    project: Project, queue: Queue, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    charts = project.add(count=1001)
    aged = "update charts set data = '{}', generated_at = now() - interval '1 day' where id = %s"
    project.database.execute(aged, (charts[0],))
    with queue_sink() as sink, process(environment | _through(sink.url, queue)):
        handler({}, Context(SECONDS))
    (age,) = metrics(capsys.readouterr().out)["OldestChartAge"]
    assert 86_400 <= age < 86_460


@pytest.mark.usefixtures("_process")
def test_two_runs_at_once_generate_each_chart_once(project: Project, queue: Queue) -> None:
    handler({}, Context(SECONDS))  # connects once for both, which are two processes in a deployment
    charts = project.add(count=25)
    other: Meanwhile[dict[str, int]] = Meanwhile(lambda: handler({}, Context(SECONDS)))
    assert handler({}, Context(SECONDS)) == other.result() == {"due": 25, "queued": 25}
    assert queue.waiting() == 50
    while (batch := queue.batch())["Records"]:
        assert worker(batch, Context(1000)) == {"batchItemFailures": []}
    assert Counter(map(project.count_writes, charts)) == {1: 25}


@pytest.mark.usefixtures("_process")
def test_a_chart_that_the_queue_does_not_take_is_due_at_the_next_run(
    project: Project, queue: Queue, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    charts = project.add(count=10)
    taken = [{"Id": str(number), "MessageId": str(number), "MD5OfMessageBody": ""} for number in range(8)]
    refused = [{"Id": str(number), "SenderFault": False, "Code": "InternalError"} for number in (8, 9)]
    partly = answer(200, {"Successful": taken, "Failed": refused}, Content_Type="application/x-amz-json-1.0")
    with faulty(partly) as sqs, process(environment | _through(sqs.url, queue)):
        assert handler({}, Context(SECONDS)) == {"due": 10, "queued": 8}
    assert sum(metrics(capsys.readouterr().out)["ChartsQueued"]) == 8
    handler({}, Context(SECONDS))
    assert sorted(chart for chart, _ in queue.charts()) == charts


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("outage", "error"),
    [
        ({"SUPABASE_URL": f"http://127.0.0.1:{free_port()}"}, UpstreamError),
        ({"AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"}, UpstreamError),
        ({"CHART_QUEUE_URL": "http://127.0.0.1/123456789012/nothing"}, UpstreamError),
        ({"CHART_QUEUE_URL": ""}, SettingsError),
    ],
    ids=["Supabase", "SQS", "the queue", "the setting"],
)
def test_the_run_fails_where_something_it_needs_is_unavailable(
    environment: dict[str, str], project: Project, outage: dict[str, str], error: type[Exception]
) -> None:
    project.add(count=300)
    with process(environment | outage), pytest.raises(error):
        handler({}, Context(SECONDS))


@pytest.mark.usefixtures("_process")
def test_a_run_without_time_says_so(project: Project) -> None:
    project.add()
    with pytest.raises(UpstreamTimeout):
        handler({}, Context(0.4))
