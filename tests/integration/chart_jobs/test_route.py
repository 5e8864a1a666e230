"""POST /api/charts/{id} over the gateway, on a real database."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from local.state import free_port
from tests.integration.chart_jobs.conftest import StartApi
from tests.integration.chart_jobs.gateway import ELSEWHERE, VIEWER, Api, error
from tests.integration.chart_jobs.jobs import Queue
from tests.integration.chart_jobs.project import BROKEN, COUNT, MISSING, SLOW, WRONG, Meanwhile, Project, until
from tests.integration.search.faults import Fault, answer, break_off, drip, faulty, hang

pytestmark = pytest.mark.long
ASYNC = {"Prefer": "respond-async"}


def test_the_answer_is_what_is_stored_and_no_more(api: Api, project: Project) -> None:
    (chart,) = project.add()
    response = api.generate(chart)
    row = project.row(chart)
    stored = {"id": str(chart), "title": "A chart", "data": row["data"], "generatedAt": row["generated_at"]}
    assert (response.status_code, response.json()) == (200, {"ok": True, "chart": stored})
    assert (row["status"], row["data"]["rows"]) == ("ready", [{"n": 3}])
    assert response.headers["cache-control"] == "no-store"


def test_each_call_generates_anew(api: Api, project: Project) -> None:
    (chart,) = project.add()
    first = api.generate(chart).json()["chart"]
    project.sign(1)
    second = api.generate(chart).json()["chart"]
    assert (first["data"]["rows"], second["data"]["rows"]) == ([{"n": 3}], [{"n": 4}])
    assert second["generatedAt"] > first["generatedAt"]


def test_a_chart_is_found_in_capitals_too(api: Api, project: Project) -> None:
    (chart,) = project.add()
    assert api.generate(str(chart).upper()).status_code == 200


@pytest.mark.parametrize("write", [str, "{{{}}}".format, "urn:uuid:{}".format, "{}%20".format, "{}%00".format])
def test_any_other_id_is_not_found(api: Api, project: Project, write: object) -> None:
    (chart,) = project.add()
    asked = write(uuid4() if write is str else chart)  # type: ignore[operator] # each is callable
    assert error(api.generate(asked)) == (404, "not_found")
    assert project.count_writes(chart) == 0


@pytest.mark.parametrize("malformed", ["1", "charts", "or=(id.not.is.null)", "*", "a" * 36])
def test_what_is_no_id_is_not_found(api: Api, malformed: str) -> None:
    assert error(api.generate(malformed)) == (404, "not_found")


@pytest.mark.parametrize("user", [VIEWER, ELSEWHERE], ids=["the viewer", "somebody of another campaign"])
@pytest.mark.parametrize("headers", [{}, ASYNC], ids=["now", "later"])
def test_who_may_not_is_turned_away(
    api_with_queue: Api, project: Project, queue: Queue, user: str, headers: dict[str, str]
) -> None:
    (chart,) = project.add()
    assert error(api_with_queue.generate(chart, user, **headers)) == (403, "forbidden")
    assert (project.count_writes(chart), queue.waiting()) == (0, 0)


def test_the_second_of_two_at_once_is_told_to_come_again(api: Api, project: Project) -> None:
    (chart,) = project.add(SLOW)
    with project.brake() as brake:
        first = Meanwhile(lambda: api.generate(chart))
        brake.wait_for(1)
        second = api.generate(chart)
        brake.release()
        assert first.result().status_code == 200
    assert error(second) == (409, "generation_in_progress")
    assert int(second.headers["retry-after"]) > 0
    assert api.generate(chart).status_code == 200


def test_a_definition_that_is_edited_meanwhile_gets_its_own_data(api: Api, project: Project) -> None:
    (chart,) = project.add(SLOW)
    with project.brake() as brake:
        response = Meanwhile(lambda: api.generate(chart))
        brake.wait_for(1)
        project.edit(chart, COUNT)
        brake.release()
        assert response.result().json()["chart"]["data"]["rows"] == [{"n": 3}]
    assert (project.row(chart)["status"], project.count_writes(chart)) == ("ready", 1)


@pytest.mark.parametrize(
    ("config", "field"),
    [(WRONG, "measures.0.field"), ({"source": "signatures"}, "measures"), (COUNT | {"limit": "many"}, "limit")],
    ids=["known to the database alone", "incomplete", "of another type"],
)
def test_a_wrong_definition_is_explained_and_recorded_beside_the_last_good_data(
    api: Api, project: Project, config: dict[str, object], field: str
) -> None:
    (chart,) = project.add()
    good = api.generate(chart).json()["chart"]
    project.edit(chart, config)
    response = api.generate(chart)
    assert error(response) == (422, "invalid_chart")
    assert [detail["field"] for detail in response.json()["details"]] == [field]
    row = project.row(chart)
    assert (row["status"], row["error"]["code"], row["error"]["field"]) == ("invalid", "invalid_chart", field)
    assert (row["data"], row["generated_at"]) == (good["data"], good["generatedAt"])


def test_what_a_deployment_may_fix_is_explained_and_recorded_as_a_failure(api: Api, project: Project) -> None:
    (chart,) = project.add(MISSING)
    response = api.generate(chart)
    assert error(response) == (422, "invalid_chart")
    assert response.json()["details"] == [{"field": "source", "message": "There is no such source."}]
    row = project.row(chart)
    assert (row["status"], row["error"]["code"], row["error"]["field"]) == ("failed", "invalid_chart", "source")


def test_a_wrong_definition_is_not_queued(api_with_queue: Api, project: Project, queue: Queue) -> None:
    (chart,) = project.add(COUNT | {"limit": "many"})
    assert error(api_with_queue.generate(chart, **ASYNC)) == (422, "invalid_chart")
    assert (project.row(chart)["status"], queue.waiting()) == ("invalid", 0)


def test_what_the_database_alone_knows_to_be_wrong_is_recorded_by_the_worker(api: Api, project: Project) -> None:
    (chart,) = project.add(WRONG)
    assert api.generate(chart, **ASYNC).status_code == 202
    until(lambda: project.row(chart)["status"] == "invalid")


def test_a_failure_of_the_database_is_recorded_and_not_told(api: Api, project: Project) -> None:
    (chart,) = project.add(BROKEN)
    response = api.generate(chart)
    assert error(response) == (502, "upstream_error")
    assert "division" not in response.text
    assert project.row(chart)["status"] == "failed"


def test_a_statement_that_takes_too_long_is_cancelled_in_the_database_too(api: Api, project: Project) -> None:
    (chart,) = project.add(SLOW)
    with project.statement_timeout(300), project.brake() as brake:
        response = api.generate(chart)
        assert brake.count_waiting() == 0
    assert error(response) == (504, "upstream_timeout")
    assert "too long" in response.json()["error"]
    assert project.row(chart)["status"] == "failed"


@pytest.mark.parametrize("prefer", ["respond-async", "wait=5, Respond-Async;x=1", "return=minimal,respond-async"])
def test_later_means_queued_and_then_generated_by_the_worker(
    api_with_queue: Api, project: Project, queue: Queue, prefer: str
) -> None:
    (chart,) = project.add()
    response = api_with_queue.generate(chart, Prefer=prefer)
    assert (response.status_code, response.json()) == (202, {"ok": True, "queued": True})
    assert response.headers["preference-applied"] == "respond-async"
    until(lambda: project.row(chart)["status"] == "ready")
    until(lambda: queue.waiting() == 0)
    assert project.count_writes(chart) == 1


def test_another_preference_changes_nothing(api: Api, project: Project) -> None:
    assert api.generate(project.add()[0], Prefer="respond-asynchronously").status_code == 200


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"force": true}', (422, "invalid_request")),
        ('{"id": "another"}', (422, "invalid_request")),
        ("[]", (400, "invalid_json")),
        ("{", (400, "invalid_json")),
    ],
)
def test_a_body_that_says_anything_is_refused(api: Api, project: Project, body: str, expected: tuple[int, str]) -> None:
    (chart,) = project.add()
    assert error(api.generate(chart, body=body)) == expected
    assert api.generate(chart, body="{}").status_code == 200


def test_a_queue_that_is_unavailable_is_an_upstreams_failure(start: StartApi, project: Project) -> None:
    api = start(AWS_ENDPOINT_URL=f"http://127.0.0.1:{free_port()}")
    (chart,) = project.add()
    assert error(api.generate(chart, **ASYNC)) == (502, "upstream_error")
    assert api.generate(chart).status_code == 200


def test_an_unavailable_supabase_is_an_upstreams_failure(start: StartApi) -> None:
    api = start(SUPABASE_URL=f"http://127.0.0.1:{free_port()}")
    assert error(api.generate(uuid4())) == (502, "upstream_error")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (answer(503, Retry_After="7"), (503, "upstream_busy")),
        (answer(500, {"message": "secret words"}), (502, "upstream_error")),
        (answer(401, {"message": "secret words"}), (502, "upstream_error")),
        (answer(200, "secret words"), (502, "upstream_error")),
        (answer(200, {"secret": "words"}), (502, "upstream_error")),
        (break_off, (502, "upstream_error")),
    ],
    ids=["busy", "failing", "refusing", "no JSON", "other JSON", "broken off"],
)
def test_supabase_at_fault_is_told_without_its_words(start: StartApi, fault: Fault, expected: tuple[int, str]) -> None:
    with faulty(fault) as supabase:
        response = start(SUPABASE_URL=supabase.url).generate(uuid4())
    assert error(response) == expected
    assert "secret" not in response.text
    assert response.headers.get("retry-after") == ("7" if response.status_code == 503 else None)


def test_a_supabase_that_never_finishes_is_told_of_while_somebody_still_listens(start: StartApi) -> None:
    """Within the timeout that the template gives the function, whose whole length this takes: both faults at once."""

    def ask(fault: Fault) -> tuple[int, str]:
        with faulty(fault) as supabase:
            return error(start(SUPABASE_URL=supabase.url).generate(uuid4()))

    with ThreadPoolExecutor() as pool:
        assert [*pool.map(ask, [hang, drip])] == [(504, "upstream_timeout")] * 2
