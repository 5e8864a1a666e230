"""The chart functions' decisions, without a database: outcomes, preferences, ids, batches."""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from uuid import UUID

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from charts.app import _parse_id, _prefers_async
from charts.generation import StoredChart, check_chart, find_chart, generate_chart
from charts.queue import ChartRequest
from petition.clients import supabase
from petition.deadline import Deadline
from petition.errors import Forbidden, GenerationInProgress, InvalidChart, NotFound, UpstreamError, UpstreamTimeout
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

    def select_rows[Row](
        self, table: str, columns: str, row: type[Row], *, where: Mapping[str, str], timeout: float
    ) -> list[Row]:
        self.asked.append((table, {"columns": columns}, timeout))
        return [read(STORED, row)] if where == {"id": str(ID)} else []


def read[Value](answer: JsonValue, kind: type[Value]) -> Value:
    return read_json(httpx.Response(200, content=msgspec.json.encode(answer)), kind)


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    database = Database()
    monkeypatch.setattr(supabase, "rpc", database.rpc)
    monkeypatch.setattr(supabase, "select_rows", database.select_rows)
    return database


@pytest.fixture
def chart() -> StoredChart:
    return read(STORED, StoredChart)


@pytest.mark.parametrize(("outcome", "is_new"), [("generated", True), ("already_generated", False)])
def test_a_chart_that_stands_there_is_the_answer(database: Database, outcome: str, is_new: bool) -> None:
    database.outcomes = [{"outcome": outcome, "campaignId": str(ID), "chart": DATA}]
    generated = generate_chart(ID, Deadline(28))
    assert json.loads(msgspec.json.encode(generated.chart)) == DATA
    assert (generated.campaign_id, generated.is_new) == (ID, is_new)


def test_one_call_asks_for_all_of_it(database: Database) -> None:
    database.outcomes = [{"outcome": "generated", "campaignId": str(ID), "chart": DATA}]
    generate_chart(ID, Deadline(28), campaigns={"b", "a"}, requested_at=MOMENT)
    ((name, arguments, _),) = database.asked
    assert name == "generate_chart"
    assert arguments == {
        "chart_id": str(ID),
        "campaigns": ["a", "b"],
        "requested_at": "2026-11-22T00:00:00+00:00",
    }


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        ({"outcome": "in_progress"}, GenerationInProgress),
        ({"outcome": "not_found"}, NotFound),
        ({"outcome": "forbidden"}, Forbidden),
        ({"outcome": "invalid", "error": {"message": "This must be a name.", "field": "source"}}, InvalidChart),
        ({"outcome": "undrawable", "error": {"message": "There is no such source.", "field": "source"}}, InvalidChart),
        ({"outcome": "invalid"}, UpstreamError),
        ({"outcome": "generated"}, UpstreamError),
        ({"outcome": "failed", "error": {"message": "It failed."}}, UpstreamError),
        ({"outcome": "timeout", "error": {"message": "It took too long."}}, UpstreamTimeout),
        ({"outcome": "something else"}, UpstreamError),
        (None, UpstreamError),
    ],
)
def test_every_other_outcome_is_an_error_of_the_contract(
    database: Database, outcome: JsonValue, error: type[Exception]
) -> None:
    database.outcomes = [outcome]
    with pytest.raises(error) as raised:
        generate_chart(ID, Deadline(28))
    assert type(raised.value) is error


TOLD: JsonValue = {"message": "Told by the database.", "field": "limit"}


@pytest.mark.parametrize(
    ("definition", "fields"),
    [
        ('{"source": 1, "limit": "many", "measures": []}', ["limit", "measures", "source"]),
        (DEFINITION, ["limit"]),
        ('{"limit": 1e5000}', [""]),
        (None, ["limit"]),
    ],
    ids=["several mistakes", "one that the database alone knows", "unreadable", "too long"],
)
def test_a_wrong_definition_is_explained_as_far_as_can_be(
    database: Database, definition: str | None, fields: list[str]
) -> None:
    database.outcomes = [{"outcome": "invalid", "error": TOLD, "definition": definition}]
    with pytest.raises(InvalidChart) as raised:
        generate_chart(ID, Deadline(28))
    assert sorted(detail.field for detail in raised.value.details) == fields


def test_the_models_of_a_definition_are_built_to_explain_one_alone() -> None:
    script = """
        import json, sys
        from charts import app, generation, worker
        from petition.clients import supabase
        from petition.deadline import Deadline
        from petition.errors import InvalidChart
        from petition.upstream.client import read_json
        import httpx
        from uuid import UUID

        def answer_with(outcome):
            def rpc(name, arguments, returns, **_):
                return read_json(httpx.Response(200, json=outcome), returns)
            return rpc

        chart = {"id": str(UUID(int=1)), "title": "", "data": {}, "generatedAt": ""}
        supabase.rpc = answer_with({"outcome": "generated", "campaignId": str(UUID(int=1)), "chart": chart})
        generation.generate_chart(UUID(int=1), Deadline(9))
        assert "charts.definition" not in sys.modules
        supabase.rpc = answer_with({"outcome": "invalid", "error": {"message": ""}, "definition": "{}"})
        try:
            generation.generate_chart(UUID(int=1), Deadline(9))
        except InvalidChart:
            assert "charts.definition" in sys.modules
    """
    root = Path(__file__).parents[2]
    environment = {"PYTHONPATH": f"{root}/functions:{root}/layers/shared"}
    subprocess.run([sys.executable, "-c", dedent(script)], env=environment, check=True)  # noqa: S603 - the above


def test_a_wrong_definition_is_recorded_and_not_queued(database: Database, chart: StoredChart) -> None:
    with pytest.raises(InvalidChart):
        check_chart(replace(chart, config='{"source": "signatures"}'), Deadline(28))
    ((name, arguments, _),) = database.asked
    assert (name, arguments["version"], arguments["permanent"]) == ("record_chart_failure", 7, True)


def test_the_database_gets_the_time_that_is_left_and_no_more(database: Database) -> None:
    database.outcomes = [{"outcome": "generated", "campaignId": str(ID), "chart": DATA}]
    generate_chart(ID, Deadline(12))
    assert 11 < database.asked[0][2] <= 12


def test_a_chart_that_is_not_there_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        find_chart(UUID(int=0), Deadline(28))
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
    assert _parse_id(text) == ID


@pytest.mark.parametrize(
    "text", ["", "1", f"{{{ID}}}", f"urn:uuid:{ID}", ID.hex, f" {ID}", "0c7a52f0-4c5b-4a53-8f3e-0f4f6f6c1e1_"]
)
def test_anything_else_is_no_chart(text: str) -> None:
    with pytest.raises(NotFound):
        _parse_id(text)


def test_a_moment_without_an_offset_is_no_request() -> None:
    with pytest.raises(UpstreamError):
        read({"chart_id": str(ID), "requested_at": "2026-11-22T00:00:00"}, ChartRequest)
