"""One chart from its definition to its data: all or nothing, one at a time, never an older result."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from testing import postgres

CAMPAIGN, ANOTHER = uuid4(), uuid4()
COUNT = {"source": "samples", "measures": [{"name": "n", "type": "count"}]}
DEADLINE_SECONDS = 20
HOISTED = "^(statement_timeout|plan_filter[.]statement_cost_limit|default_transaction_isolation)="
Result = dict[str, Any]


@pytest.fixture
def database(server: postgres.Server, project: str) -> Iterator[psycopg.Connection]:
    with server.connect(project) as connection:
        connection.execute("set statement_timeout = '20s'")  # a lock that should not be waited for fails its test
        connection.execute("insert into campaigns (id, name) values (%s, 'One'), (%s, 'Two')", (CAMPAIGN, ANOTHER))
        connection.execute(
            "insert into samples (campaign_id, size) values (%s, 1), (%s, 2), (%s, 3)", (CAMPAIGN, CAMPAIGN, ANOTHER)
        )
        # reading it takes until somebody lets go of lock 7
        connection.execute(
            "create view chart_sources.slow as select 1 as n "
            "where pg_advisory_lock_shared(7) is not null and pg_advisory_unlock_shared(7)"
        )
        connection.execute("create view chart_sources.broken as select 1 / (size - size) as n from samples")
        yield connection


def add_chart(database: psycopg.Connection, config: Result) -> UUID:
    query = "insert into charts (campaign_id, title, config) values (%s, 'A chart', %s) returning id"
    ((chart,),) = database.execute(query, (CAMPAIGN, Jsonb(config))).fetchall()
    return chart  # type: ignore[no-any-return]  # a uuid column


def generate(
    database: psycopg.Connection,
    chart: UUID,
    campaigns: list[UUID] | None = None,
    requested_at: datetime | None = None,
) -> Result:
    query = "select generate_chart(%s, %s, %s)"
    ((result,),) = database.execute(query, (chart, campaigns, requested_at)).fetchall()
    return result  # type: ignore[no-any-return]  # JSON


def hoisted_settings(database: psycopg.Connection, function: str) -> dict[str, str]:
    """What PostgREST 12.2 and later takes from a function's own SET clause.

    https://docs.postgrest.org/en/stable/references/transactions.html#function-settings
    """
    query = "select setting from pg_proc, unnest(proconfig) as setting where oid = %s::regproc and setting ~ %s"
    found = database.execute(query, (f"public.{function}", HOISTED)).fetchall()
    return dict(setting.split("=", 1) for (setting,) in found)


def generate_through_postgrest(database: psycopg.Connection, chart: UUID) -> Result:
    """As PostgREST calls a function: its settings first, for the transaction, and then itself."""
    with database.transaction():
        for setting in hoisted_settings(database, "generate_chart").items():
            database.execute("select set_config(%s, %s, true)", setting)
        return generate(database, chart)


def read_chart(database: psycopg.Connection, chart: UUID) -> Result:
    query = "select to_jsonb(charts) from charts where id = %s"
    ((row,),) = database.execute(query, (chart,)).fetchall()
    return row  # type: ignore[no-any-return]  # JSON


def edit(database: psycopg.Connection, chart: UUID, config: Result) -> None:
    database.execute("update charts set config = %s where id = %s", (Jsonb(config), chart))


@contextmanager
def generate_slowly(
    server: postgres.Server, project: str, chart: UUID, campaigns: list[UUID] | None = None
) -> Iterator[Callable[[], Result]]:
    """Another connection is inside of generate_chart for the length of the block; the function it yields ends it."""
    answers: list[Result] = []
    with server.connect(project) as brake, server.connect(project) as other:
        brake.execute("select pg_advisory_lock(7)")
        thread = threading.Thread(target=lambda: answers.append(generate(other, chart, campaigns)))
        thread.start()
        deadline = time.monotonic() + DEADLINE_SECONDS
        waiting = "select count(*) from pg_stat_activity where wait_event = 'advisory' and datname = %s"
        while brake.execute(waiting, (project,)).fetchone() != (1,):
            assert time.monotonic() < deadline

        def end() -> Result:
            brake.execute("select pg_advisory_unlock_all()")
            thread.join(DEADLINE_SECONDS)
            return answers[0]

        try:
            yield end
        finally:
            brake.execute("select pg_advisory_unlock_all()")
            thread.join(DEADLINE_SECONDS)


def test_data_time_and_status_are_written_together(database: psycopg.Connection) -> None:
    chart = add_chart(database, COUNT)
    answer = generate(database, chart)
    row = read_chart(database, chart)
    assert (answer["outcome"], answer["campaignId"]) == ("generated", str(CAMPAIGN))
    assert answer["chart"] == {
        "id": str(chart),
        "title": "A chart",
        "data": row["data"],
        "generatedAt": row["generated_at"],
    }
    assert row["status"] == "ready"
    assert row["data"]["generatedAt"] == row["generated_at"] == row["attempted_at"]


def test_a_chart_sees_the_rows_of_its_own_campaign_alone(database: psycopg.Connection) -> None:
    assert generate(database, add_chart(database, COUNT))["chart"]["data"]["rows"] == [{"n": 2}]


def test_a_goal_is_that_of_the_charts_campaign(database: psycopg.Connection) -> None:
    chart = add_chart(database, COUNT | {"target": {"from": "campaignGoal"}})
    assert generate(database, chart)["error"]["field"] == "target.from"
    database.execute("update campaigns set goal = case id when %s then 50 else 60 end", (CAMPAIGN,))
    assert generate(database, chart)["chart"]["data"]["rows"] == [{"n": 2, "target": 50}]


@pytest.mark.parametrize(
    ("campaigns", "outcome"),
    [
        (None, "generated"),
        ([CAMPAIGN], "generated"),
        ([ANOTHER, CAMPAIGN], "generated"),
        ([ANOTHER], "forbidden"),
        ([], "forbidden"),
    ],
)
def test_a_caller_has_a_chart_generated_in_the_campaigns_where_they_may(
    database: psycopg.Connection, campaigns: list[UUID] | None, outcome: str
) -> None:
    chart = add_chart(database, COUNT)
    answer, row = generate(database, chart, campaigns), read_chart(database, chart)
    assert (answer["outcome"], row["status"]) == (outcome, "ready" if outcome == "generated" else "pending")
    if outcome == "forbidden":
        assert answer == {"outcome": "forbidden"}


def test_who_may_not_learns_nothing_and_holds_nobody_up(
    server: postgres.Server, project: str, database: psycopg.Connection
) -> None:
    chart = add_chart(database, {"source": "slow", "measures": [{"name": "n", "type": "count"}]})
    with generate_slowly(server, project, chart) as end:
        assert generate(database, chart, [ANOTHER]) == {"outcome": "forbidden"}
        assert generate(database, uuid4(), [ANOTHER]) == {"outcome": "not_found"}
        end()
    with server.connect(project) as other, other.transaction():
        assert generate(other, chart, [ANOTHER]) == {"outcome": "forbidden"}
        assert generate(database, chart)["outcome"] == "generated"


def test_a_chart_that_moves_meanwhile_is_not_shown_to_who_may_not_see_it_there(
    server: postgres.Server, project: str, database: psycopg.Connection
) -> None:
    chart = add_chart(database, {"source": "slow", "measures": [{"name": "n", "type": "count"}]})
    with generate_slowly(server, project, chart, [CAMPAIGN]) as end:
        database.execute("update charts set campaign_id = %s where id = %s", (ANOTHER, chart))
        assert end() == {"outcome": "forbidden"}
    assert read_chart(database, chart)["data"] is None


def test_an_unknown_chart_is_not_found(database: psycopg.Connection) -> None:
    assert generate(database, uuid4()) == {"outcome": "not_found"}


@pytest.mark.parametrize(
    ("config", "outcome", "status"),
    [
        (COUNT | {"measures": [{"name": "n", "type": "sum", "field": "place"}]}, "invalid", "invalid"),
        (COUNT | {"source": "nothing"}, "undrawable", "failed"),
        (COUNT | {"source": "broken", "measures": [{"name": "n", "type": "sum", "field": "n"}]}, "failed", "failed"),
    ],
)
def test_a_failure_is_recorded_beside_the_last_good_data(
    database: psycopg.Connection, config: Result, outcome: str, status: str
) -> None:
    chart = add_chart(database, COUNT)
    good = generate(database, chart)["chart"]
    edit(database, chart, config)
    answer, row = generate(database, chart), read_chart(database, chart)
    assert (answer["outcome"], row["status"], row["error"]) == (outcome, status, answer["error"])
    assert (row["data"], row["generated_at"]) == (good["data"], good["generatedAt"])
    assert row["attempted_at"] > row["generated_at"]


HOURS = {"dimension": "at", "granularity": "hour"}
LONG_NAMES = [{"name": f"{'n' * 61}{number}", "type": "count"} for number in range(8)]
CONDITIONS: dict[str, tuple[str, Result]] = {
    "the campaign has no goal": ("target.from", COUNT | {"target": {"from": "campaignGoal"}}),
    "the source is not there": ("source", COUNT | {"source": "nothing"}),
    "the field is not there": ("measures.0.field", COUNT | {"measures": [{"name": "n", "type": "max", "field": "x"}]}),
    "campaigns cannot be told apart": ("source", COUNT | {"source": "loose"}),
    "one row lies years away": ("timeDimension", COUNT | {"timeDimension": HOURS}),
    "there are too many numbers": (
        "",
        COUNT
        | {
            "timeDimension": {"dimension": "day", "granularity": "day"},
            "dimensions": [{"dimension": "big", "limit": 100}],
            "measures": LONG_NAMES,
        },
    ),
    "there are too many characters": (
        "",
        COUNT
        | {
            "measures": LONG_NAMES,
            "timeDimension": HOURS | {"dateRange": ["2026-01-01", "2026-12-31"], "compare": "previousPeriod"},
        },
    ),
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_what_no_edit_has_to_fix_is_explained_and_tried_again(database: psycopg.Connection, condition: str) -> None:
    database.execute("create view chart_sources.loose as select 'any'::text as campaign_id")
    database.execute("insert into samples (campaign_id, at) values (%s, now()), (%s, '0206-01-01')", [CAMPAIGN] * 2)
    database.execute(
        "insert into samples (campaign_id, day, big) select %s, '2026-01-01'::date + day, value"
        " from generate_series(1, 150) as day, generate_series(1, 100) as value",
        (CAMPAIGN,),
    )
    field, config = CONDITIONS[condition]
    chart = add_chart(database, config)
    answer, row = generate(database, chart), read_chart(database, chart)
    assert (answer["outcome"], row["status"], row["error"]) == ("undrawable", "failed", answer["error"])
    assert (answer["error"]["code"], answer["error"]["field"]) == ("invalid_chart", field)
    assert row["data"] is None
    due = "select due_charts(moment => now() + interval '2 hours')"
    ((page,),) = database.execute(due).fetchall()
    assert page["charts"] == [str(chart)]
    assert page["oldestAgeSeconds"] >= 7200


@pytest.mark.parametrize(
    ("name", "far"),
    [("at", "290000-01-01"), ("clock", "4712-01-01 BC"), ("day", "0001-06-01"), ("day", "5000000-01-01")],
)
def test_rows_ages_away_are_told_of_and_not_failed_at(database: psycopg.Connection, name: str, far: str) -> None:
    rows = [{"campaign_id": str(CAMPAIGN), name: moment} for moment in ("2026-01-01", far)]
    database.execute("insert into samples select * from jsonb_populate_recordset(null::samples, %s)", (Jsonb(rows),))
    chart = add_chart(database, COUNT | {"timeDimension": {"dimension": name, "granularity": "year"}})
    answer = generate(database, chart)
    assert (answer["outcome"], answer["error"].get("field")) == ("undrawable", "timeDimension")


def test_a_range_of_too_many_buckets_is_wrong_whatever_the_rows_are(database: psycopg.Connection) -> None:
    time = HOURS | {"dateRange": ["2024-01-01", "2026-12-31"]}
    chart = add_chart(database, COUNT | {"timeDimension": time})
    assert generate(database, chart)["outcome"] == "invalid"
    assert read_chart(database, chart)["status"] == "invalid"


def test_a_statement_that_outlasts_its_time_is_cancelled_and_recorded(
    server: postgres.Server, project: str, database: psycopg.Connection
) -> None:
    chart = add_chart(database, {"source": "slow", "measures": [{"name": "n", "type": "count"}]})
    database.execute("alter function public.generate_chart set statement_timeout = '200ms'")
    with server.connect(project) as brake:
        brake.execute("select pg_advisory_lock(7)")
        assert generate_through_postgrest(database, chart)["outcome"] == "timeout"
    assert read_chart(database, chart)["status"] == "failed"


@pytest.mark.parametrize("function", ["generate_chart", "generate_chart_data"])
def test_the_functions_bound_their_own_time(database: psycopg.Connection, function: str) -> None:
    assert hoisted_settings(database, function) == {"statement_timeout": "25s"}


def test_the_second_of_two_at_once_learns_that_it_is_in_progress(
    server: postgres.Server, project: str, database: psycopg.Connection
) -> None:
    chart = add_chart(database, {"source": "slow", "measures": [{"name": "n", "type": "count"}]})
    with generate_slowly(server, project, chart) as end:
        assert generate(database, chart) == {"outcome": "in_progress", "campaignId": str(CAMPAIGN)}
        assert generate(database, add_chart(database, COUNT))["outcome"] == "generated"
        assert end()["outcome"] == "generated"
    assert generate(database, chart)["outcome"] == "generated"


def test_a_crash_leaves_no_lock(server: postgres.Server, project: str, database: psycopg.Connection) -> None:
    chart = add_chart(database, COUNT)
    with closing(server.connect(project)) as crashing:
        crashing.execute("begin")
        assert generate(crashing, chart)["outcome"] == "generated"
        assert generate(database, chart)["outcome"] == "in_progress"
        database.execute("select pg_terminate_backend(%s, 5000)", (crashing.info.backend_pid,))
        assert read_chart(database, chart)["data"] is None
        assert generate(database, chart)["outcome"] == "generated"


def test_a_chart_that_is_edited_meanwhile_is_generated_again(
    server: postgres.Server, project: str, database: psycopg.Connection
) -> None:
    chart = add_chart(database, {"source": "slow", "measures": [{"name": "n", "type": "count"}]})
    with generate_slowly(server, project, chart) as end:
        edit(database, chart, COUNT)
        answer = end()
    row = read_chart(database, chart)
    assert (answer["outcome"], answer["chart"]["data"]["rows"]) == ("generated", [{"n": 2}])
    assert (row["data"], row["status"], row["data_version"]) == (answer["chart"]["data"], "ready", 2)


def test_a_chart_that_is_deleted_meanwhile_is_not_found(
    server: postgres.Server, project: str, database: psycopg.Connection
) -> None:
    chart = add_chart(database, {"source": "slow", "measures": [{"name": "n", "type": "count"}]})
    with generate_slowly(server, project, chart) as end:
        database.execute("delete from charts where id = %s", (chart,))
        assert end() == {"outcome": "not_found"}


def test_a_chart_that_is_edited_again_and_again_is_left_for_later(database: psycopg.Connection) -> None:
    chart = add_chart(database, COUNT)
    # plays somebody who edits it during each generation
    database.execute(
        "create function public.note() returns integer language plpgsql volatile as $$ begin "
        "update public.charts set config = config || jsonb_build_object('limit', 1 + definition_version % 9); "
        "return 1; end $$"
    )
    database.execute("alter function chart_engine.try_chart volatile")
    database.execute("alter function chart_engine.heading rename to plain_heading")
    database.execute(
        "create function chart_engine.heading(config jsonb, kind text, cut chart_engine.cut, moment timestamptz) "
        "returns jsonb language sql volatile as "
        "$$ select chart_engine.plain_heading(config, kind, cut, moment) || jsonb_build_object('n', public.note()) $$"
    )
    database.execute("alter function public.generate_chart_data volatile")
    assert generate(database, chart)["outcome"] == "in_progress"
    assert read_chart(database, chart)["definition_version"] == 4


def test_a_failure_of_an_old_definition_is_not_the_new_ones(database: psycopg.Connection) -> None:
    chart = add_chart(database, COUNT)
    edit(database, chart, COUNT | {"limit": 1})
    database.execute("select record_chart_failure(%s, 1, '{}', true)", (chart,))
    assert read_chart(database, chart)["status"] == "pending"


def test_a_wrong_definition_comes_along_to_be_explained(database: psycopg.Connection) -> None:
    config = COUNT | {"limit": "many", "measures": []}
    answer = generate(database, add_chart(database, config))
    assert (answer["outcome"], json.loads(answer["definition"])) == ("invalid", config)
    assert "definition" not in generate(database, add_chart(database, COUNT | {"source": "nothing"}))
    assert "definition" not in generate(database, add_chart(database, COUNT | {"source": "x" * 20_000}))


def test_what_was_generated_after_the_request_is_not_generated_again(database: psycopg.Connection) -> None:
    chart = add_chart(database, COUNT)
    ((requested,),) = database.execute("select clock_timestamp()").fetchall()
    first = generate(database, chart, None, requested)
    again = generate(database, chart, None, requested)
    assert (first["outcome"], again["outcome"]) == ("generated", "already_generated")
    assert again["chart"] == first["chart"]


def test_an_older_generation_never_overwrites_a_newer_one(database: psycopg.Connection) -> None:
    chart = add_chart(database, COUNT)
    generate(database, chart)
    database.execute(
        "update charts set generated_at = now() + interval '1 hour', data = '{\"newer\": true}' where id = %s", (chart,)
    )
    assert generate(database, chart)["outcome"] == "already_generated"
    assert read_chart(database, chart)["data"] == {"newer": True}


def test_after_an_edit_no_data_of_the_old_definition_is_newer(database: psycopg.Connection) -> None:
    chart = add_chart(database, COUNT)
    generate(database, chart)
    database.execute("update charts set generated_at = now() + interval '1 hour' where id = %s", (chart,))
    edit(database, chart, COUNT | {"measures": [{"name": "edited", "type": "count"}]})
    answer = generate(database, chart)
    assert (answer["outcome"], answer["chart"]["data"]["rows"]) == ("generated", [{"edited": 2}])
    assert read_chart(database, chart)["status"] == "ready"


def test_data_that_was_taken_away_is_generated_again(database: psycopg.Connection) -> None:
    chart = add_chart(database, COUNT)
    generate(database, chart)
    database.execute("update charts set data = null, generated_at = null where id = %s", (chart,))
    assert generate(database, chart)["outcome"] == "generated"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("refresh_interval", text) for text in ("11 years", "99999999 years", "infinity", "1 second")),
        *(("created_at", text) for text in ("1950-01-01Z", "-infinity")),
        *(("title", text) for text in ("", "x" * 501)),
    ],
)
def test_no_row_can_keep_the_others_from_being_listed(database: psycopg.Connection, column: str, value: str) -> None:
    update = sql.SQL("update charts set {} = %s where id = %s").format(sql.Identifier(column))
    with pytest.raises(psycopg.errors.CheckViolation):
        database.execute(update, (value, add_chart(database, COUNT)))


def test_the_age_of_a_chart_may_be_any(database: psycopg.Connection) -> None:
    database.execute("update charts set created_at = '1970-01-02Z' where id = %s", (add_chart(database, COUNT),))
    ((page,),) = database.execute("select due_charts(moment => '2099-01-01Z')").fetchall()
    assert page["oldestAgeSeconds"] > 2**31


def test_all_due_charts_are_listed_page_by_page_and_no_other(database: psycopg.Connection) -> None:
    database.execute(
        "insert into charts (campaign_id, title, config) select %s, 'A chart', %s from generate_series(1, 2500)",
        (CAMPAIGN, Jsonb(COUNT)),
    )
    fresh, invalid, failed, manual, edited, old = (add_chart(database, COUNT) for _ in range(6))
    for chart in (fresh, edited, old):
        generate(database, chart)
    edit(database, edited, COUNT | {"limit": 1})
    database.execute("select record_chart_failure(%s, 1, '{}', true)", (invalid,))
    database.execute("select record_chart_failure(%s, 1, '{}')", (failed,))
    database.execute("update charts set refresh_interval = null where id = %s", (manual,))
    database.execute(
        "update charts set generated_at = now() - interval '3 hours', attempted_at = now() - interval '61 minutes' "
        "where id = %s",
        (old,),
    )
    listed, after, pages, oldest = [], None, 0, 0
    while True:
        ((page,),) = database.execute("select due_charts(%s)", (after,)).fetchall()
        listed += page["charts"]
        pages, oldest, after = pages + 1, max(oldest, page["oldestAgeSeconds"]), page["next"]
        if after is None:
            break
    assert (pages, len(listed), len(set(listed))) == (3, 2502, 2502)
    assert {str(edited), str(old)} <= set(listed)
    assert not {str(fresh), str(invalid), str(failed), str(manual)} & set(listed)
    assert 3 * 3600 <= oldest < 3 * 3600 + 60


def test_a_chart_that_fails_counts_as_old_also_while_it_waits_for_its_next_attempt(
    database: psycopg.Connection,
) -> None:
    failed, invalid, manual = (add_chart(database, COUNT) for _ in range(3))
    database.execute("update charts set created_at = now() - interval '3 hours'")
    database.execute("select record_chart_failure(id, 1, '{}', id = %s) from charts", (invalid,))
    database.execute("update charts set refresh_interval = null where id = %s", (manual,))
    database.execute("update charts set created_at = now() - interval '9 hours' where id <> %s", (failed,))
    ((page,),) = database.execute("select due_charts()").fetchall()
    assert page["charts"] == []
    assert 3 * 3600 <= page["oldestAgeSeconds"] < 3 * 3600 + 60


def test_after_its_interval_a_failed_chart_is_due_again_and_an_invalid_one_is_not(database: psycopg.Connection) -> None:
    failed, invalid = add_chart(database, COUNT), add_chart(database, COUNT)
    database.execute("select record_chart_failure(%s, 1, '{}')", (failed,))
    database.execute("select record_chart_failure(%s, 1, '{}', true)", (invalid,))
    due = "select due_charts(moment => now() + interval '2 hours')->'charts'"
    assert database.execute(due).fetchone() == ([str(failed)],)
