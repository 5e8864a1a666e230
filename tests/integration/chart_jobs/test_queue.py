"""The queue and its worker over the gateway: what dies, what comes again, and what is given up."""

from datetime import UTC, datetime

import pytest

from tests.integration.chart_jobs.conftest import StartApi
from tests.integration.chart_jobs.jobs import Queue, message
from tests.integration.chart_jobs.project import BROKEN, COUNT, SLOW, WRONG, Project, until


def test_a_worker_killed_in_mid_batch_loses_no_chart_and_only_the_unfinished_are_generated_again(
    start: StartApi, project: Project, queue: Queue
) -> None:
    charts = [project.add(config)[0] for config in (COUNT, COUNT, SLOW, COUNT, COUNT)]
    now = datetime.now(UTC).isoformat()
    queue.hide_for(10)  # on a busy machine, less than that is over before the worker is killed
    with project.brake() as brake:
        queue.send_at_once(*(message(chart, now) for chart in charts))
        api = start()  # not before: a poller that comes between two messages would split the batch
        brake.wait_for(1)
        generated = dict(zip(charts, project.column("generated_at", charts), strict=True))
        api.kill_worker()
        brake.release()
    until(lambda: queue.waiting() == 0)
    # Two are generated at once: the slow one was begun when another was done.
    done = {chart: moment for chart, moment in generated.items() if moment}
    assert done
    assert charts[2] not in done
    assert project.column("generated_at", [*done]) == [*done.values()]
    assert project.column("status", charts) == ["ready"] * 5
    assert [project.count_writes(chart) for chart in charts] == [1] * 5
    assert queue.dead() == []


@pytest.mark.usefixtures("api_with_queue")
def test_what_fails_each_time_is_given_up_in_the_end_and_nothing_else(project: Project, queue: Queue) -> None:
    (good,), (bad,), (wrong,) = project.add(), project.add(BROKEN), project.add(WRONG)
    now = datetime.now(UTC).isoformat()
    queue.send_at_once("no message", *(message(chart, now) for chart in (bad, wrong, good)))
    until(lambda: queue.waiting() == 0)
    assert sorted(queue.dead()) == sorted(["no message", message(bad, now)])
    assert project.column("status", [good, bad, wrong]) == ["ready", "failed", "invalid"]
    assert project.count_writes(good) == 1
