"""The chart functions' decisions, without a database: outcomes, preferences, ids, batches."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from charts import queue
from charts.app import _prefers_async, _uuid
from charts.chart import ATTEMPTS, StoredChart, find, generate, refresh
from charts.queue import ChartRequest
from petition.clients import supabase
from petition.deadline import Deadline
from petition.errors import GenerationInProgress, InvalidChart, NotFound, UpstreamError, UpstreamTimeout
from petition.upstream.client import read_json
from petition.validation import JsonValue

ID = UUID("0c7a52f0-4c5b-4a53-8f3e-0f4f6f6c1e11")
DEFINITION = json.dumps({"source": "signatures", "measures": [{"name": "n", "type": "count"}]})
STORED: dict[str, JsonValue] = {"id": str(ID), "campaign_id": str(ID), "config": DEFINITION, "definition_version": 7}
DATA: dict[str, JsonValue] = {
    "id": str(ID),
    "title": "A chart",
    "data": {"rows": []},
    "generatedAt": "2026-11-22T15:10:29+00:00",
}
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)


class Database:
    """Stands in for `clients.supabase`: answers each generation with an outcome, and keeps what it was asked."""

    def __init__(self, *outcomes: JsonValue) -> None:
        self.outcomes = list(outcomes)
        self.asked: list[tuple[str, Mapping[str, JsonValue], float]] = []

    def rpc[Value](
        self,
        name: str,
        arguments: Mapping[str, JsonValue],
        returns: type[Value],
        *,
        timeout: float,
    ) -> Value:
        self.asked.append((name, arguments, timeout))
        return read(self.outcomes.pop(0) if name == "generate_chart" else None, returns)

    def rows[Row](self, table: str, conditions: Mapping[str, str], row: type[Row], *, timeout: float) -> list[Row]:
        self.asked.append((table, conditions, timeout))
        return [read(STORED, row)] if conditions["id"] == f"eq.{ID}" else []


def read[Value](answer: JsonValue, kind: type[Value]) -> Value:
    return read_json(httpx.Response(200, content=msgspec.json.encode(answer)), kind)


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    database = Database()
    monkeypatch.setattr(supabase, "rpc", database.rpc)
    monkeypatch.setattr(supabase, "rows", database.rows)
    return database


@pytest.fixture
def chart() -> StoredChart:
    return read(STORED, StoredChart)


@pytest.mark.parametrize("outcome", ["generated", "already_generated"])
def test_a_chart_that_stands_there_is_the_answer(database: Database, chart: StoredChart, outcome: str) -> None:
    database.outcomes = [{"outcome": outcome, "chart": DATA}]
    assert json.loads(msgspec.json.encode(generate(chart, Deadline(28)))) == DATA


@pytest.mark.parametrize(("outcome", "done"), [("generated", True), ("already_generated", False)])
def test_refreshing_tells_whether_anything_was_done(
    database: Database, chart: StoredChart, outcome: str, done: bool
) -> None:
    database.outcomes = [{"outcome": outcome, "chart": DATA}]
    assert refresh(chart, Deadline(28), MOMENT) is done
    ((_, arguments, _),) = database.asked
    assert arguments == {"chart_id": str(ID), "expected_version": 7, "requested_at": "2026-11-22T00:00:00+00:00"}


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        ({"outcome": "in_progress"}, GenerationInProgress),
        ({"outcome": "not_found"}, NotFound),
        ({"outcome": "invalid", "error": {"message": "This must be a name.", "field": "source"}}, InvalidChart),
        ({"outcome": "undrawable", "error": {"message": "There is no such source.", "field": "source"}}, InvalidChart),
        ({"outcome": "invalid"}, UpstreamError),
        ({"outcome": "failed", "error": {"message": "It failed."}}, UpstreamError),
        ({"outcome": "timeout", "error": {"message": "It took too long."}}, UpstreamTimeout),
        ({"outcome": "something else"}, UpstreamError),
        (None, UpstreamError),
    ],
)
def test_every_other_outcome_is_an_error_of_the_contract(
    database: Database, chart: StoredChart, outcome: JsonValue, error: type[Exception]
) -> None:
    database.outcomes = [outcome]
    with pytest.raises(error) as raised:
        generate(chart, Deadline(28))
    assert type(raised.value) is error


def test_a_definition_that_is_edited_again_and_again_is_left_alone(database: Database, chart: StoredChart) -> None:
    database.outcomes = [{"outcome": "edited"}] * ATTEMPTS
    with pytest.raises(GenerationInProgress):
        generate(chart, Deadline(28))
    assert database.outcomes == []


def test_a_wrong_definition_never_reaches_the_generation(database: Database, chart: StoredChart) -> None:
    with pytest.raises(InvalidChart):
        generate(replace(chart, config='{"source": "signatures"}'), Deadline(28))
    ((name, arguments, _),) = database.asked
    assert (name, arguments["version"], arguments["permanent"]) == ("record_chart_failure", 7, True)


def test_the_database_gets_the_time_that_is_left_and_no_more(database: Database, chart: StoredChart) -> None:
    database.outcomes = [{"outcome": "generated", "chart": DATA}]
    generate(chart, Deadline(12))
    assert 11 < database.asked[0][2] <= 12


def test_a_chart_that_is_not_there_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        find(UUID(int=0), Deadline(28))
    assert database.asked[0][0] == "charts"


@pytest.mark.parametrize(
    ("header", "later"),
    [
        ("", False),
        ("respond-async", True),
        ("Respond-Async", True),
        ("respond-async; foo=1", True),
        ("wait=10, respond-async", True),
        ("return=minimal,respond-async,wait=1", True),
        ("respond-asynchronously", False),
        ("return=respond-async", False),
    ],
)
def test_the_preference_is_one_of_a_list(header: str, later: bool) -> None:
    assert _prefers_async(header) is later


@pytest.mark.parametrize("text", [str(ID), str(ID).upper()])
def test_an_id_is_a_uuid(text: str) -> None:
    assert _uuid(text) == ID


@pytest.mark.parametrize(
    "text", ["", "1", f"{{{ID}}}", f"urn:uuid:{ID}", ID.hex, f" {ID}", "0c7a52f0-4c5b-4a53-8f3e-0f4f6f6c1e1_"]
)
def test_anything_else_is_no_chart(text: str) -> None:
    with pytest.raises(NotFound):
        _uuid(text)


def test_the_messages_of_a_batch_are_told_apart_by_their_place() -> None:
    entries = list(queue._entries([ChartRequest(chart_id=ID, requested_at=MOMENT)] * 2))
    assert [entry["Id"] for entry in entries] == ["0", "1"]
    assert json.loads(entries[0]["MessageBody"]) == {"chart_id": str(ID), "requested_at": "2026-11-22T00:00:00Z"}


def test_a_moment_without_an_offset_is_no_request() -> None:
    with pytest.raises(UpstreamError):
        read({"chart_id": str(ID), "requested_at": "2026-11-22T00:00:00"}, ChartRequest)
