"""The runbook, the saved queries and the alarms say the same, and queries ask for what the functions write."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tools.artifact import ROOT
from tools.cloudformation import resolve, translate
from tools.house_rules.alarms import RUNBOOK, sections
from tools.house_rules.shape import ALARM, of_type, routes, text
from tools.template import EVERYTHING, read_template

PAGE = RUNBOOK.read_text()
# Fields that Lambda and API Gateway write, and functions of Logs Insights: not ours to look for in the code.
LAMBDAS = {"type", "record", "status", "errorType", "errorMessage", "timestamp", "log"}
OURS = {"message", "code", "causes", "frames", "settings", "request_id", "route", "level"} | {
    *("due", "queued", "cause", "codes", "message_id"),
}


@pytest.fixture(scope="module")
def stack() -> dict[str, Any]:
    return resolve(translate(read_template(), EVERYTHING), EVERYTHING)


def saved_queries(stack: dict[str, Any]) -> dict[str, str]:
    """The text of each saved query by its name."""
    queries = of_type(stack, "AWS::Logs::QueryDefinition").values()
    return {text(each["Name"]).rpartition("/")[2]: each["QueryString"].strip() for each in queries}


def test_every_saved_query_stands_in_the_runbook_as_it_is_saved(stack: dict[str, Any]) -> None:
    shown = re.findall(r"```\n(.*?)\n```", PAGE, re.DOTALL)

    assert sorted(shown) == sorted(saved_queries(stack).values())


def test_the_runbook_names_every_query_where_it_shows_it(stack: dict[str, Any]) -> None:
    for name, query in saved_queries(stack).items():
        before = PAGE.partition(query)[0]
        assert f"`{name}`" in before[-400:], name


@pytest.mark.parametrize(
    ("query", "of_routes"),
    [("failed-requests", True), ("one-request", True), ("crashes", False), ("misconfigurations", False)],
)
def test_a_query_reads_the_logs_of_all_functions_or_of_all_routes(
    stack: dict[str, Any], query: str, *, of_routes: bool
) -> None:
    [read] = [q for q in of_type(stack, "AWS::Logs::QueryDefinition").values() if text(q["Name"]).endswith(f"/{query}")]

    functions = of_type(stack, "AWS::Lambda::Function")
    asked = routes(stack).values() if of_routes else functions
    logs = [functions[name]["LoggingConfig"]["LogGroup"] for name in asked]
    assert sorted(map(str, read["LogGroupNames"])) == sorted(map(str, logs))


def test_every_section_is_an_alarms_and_says_what_to_look_at(stack: dict[str, Any]) -> None:
    named = {text(alarm["AlarmDescription"]).rpartition("#")[2] for alarm in of_type(stack, ALARM).values()}

    assert named == sections()
    for section in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        assert re.search(r"Look|Check|`select", section), section.partition("\n")[0]


def test_an_alarm_links_to_where_the_team_reads_the_runbook(stack: dict[str, Any]) -> None:
    for alarm in of_type(stack, ALARM).values():
        assert f"What to do - {EVERYTHING['RunbookUrl']}#" in alarm["AlarmDescription"]


def test_links_in_the_runbook_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        page, _, section = target.partition("#")
        content = (RUNBOOK.parent / page).read_text() if page else PAGE
        titles = re.findall(r"^#+ (.+)$", content, re.MULTILINE)
        assert not section or section in {re.sub(r"[^a-z0-9 -]", "", t.lower()).replace(" ", "-") for t in titles}, (
            target
        )


def test_what_queries_filter_by_is_what_the_functions_write(stack: dict[str, Any]) -> None:
    sources = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "layers/shared/petition").rglob("*.py")]
    code = "".join(path.read_text() for path in sources)
    messages = {each for query in saved_queries(stack).values() for each in re.findall(r'"([a-z ]{8,})"', query)}

    assert messages >= {"request failed", "charts queued", "chart not refreshed"}
    assert [message for message in messages if f'"{message}"' not in code] == []
    assert [name for name in OURS - {"message", "level"} if not re.search(rf'"{name}"|\b{name}=', code)] == []
    assert {*_fields(stack)} <= OURS | LAMBDAS


def _fields(stack: dict[str, Any]) -> Iterator[str]:
    """Return the fields that queries over functions' logs list and filter by."""
    for name, query in saved_queries(stack).items():
        if name != "api-failures":  # API Gateway's own lines, whose format is in the template
            listed = re.findall(r"^fields (.+)$", query, re.MULTILINE)
            yield from (each.strip("@ ").partition(".")[0] for names in listed for each in names.split(","))
            yield from re.findall(r"filter (?:ispresent\()?(\w+)", query)


def test_what_is_asked_of_the_access_log_is_in_its_format(stack: dict[str, Any]) -> None:
    (stage,) = of_type(stack, "AWS::ApiGatewayV2::Stage").values()

    for name in ("status", "latency", "route", "functionStatus", "functionError", "apiError"):
        assert f'"{name}":' in stage["AccessLogSettings"]["Format"]
        assert name in saved_queries(stack)["api-failures"]
