"""Who may read a chart, who may write one, and who may have one generated."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from testing import postgres
from tests.database_role import act_as

OURS, THEIRS, MEMBER, OVERSEER, STRANGER = (uuid4() for _ in range(5))
DENIED = psycopg.errors.InsufficientPrivilege


@pytest.fixture
def database(server: postgres.Server, project: str) -> Iterator[psycopg.Connection]:
    with server.connect(project) as connection:
        connection.execute(
            "insert into campaigns (id, name, goal) values (%s, 'Ours', 5), (%s, 'Theirs', 5)", (OURS, THEIRS)
        )
        connection.execute(
            "insert into memberships (user_id, role, campaign_id) values (%s, 'viewer', %s), (%s, 'viewer', null)",
            (MEMBER, OURS, OVERSEER),
        )
        connection.execute("insert into charts (campaign_id, title, config) select id, name, '{}' from campaigns")
        yield connection


def titles(database: psycopg.Connection) -> list[str]:
    return [title for (title,) in database.execute("select title from charts order by 1")]


def test_an_anonymous_caller_reads_no_chart(database: psycopg.Connection) -> None:
    with act_as(database, "anon"), pytest.raises(DENIED):
        titles(database)


@pytest.mark.parametrize(("user", "seen"), [(MEMBER, ["Ours"]), (OVERSEER, ["Ours", "Theirs"]), (STRANGER, [])])
def test_a_member_reads_the_charts_of_their_campaigns(
    database: psycopg.Connection, user: UUID, seen: list[str]
) -> None:
    with act_as(database, "authenticated", user):
        assert titles(database) == seen


@pytest.mark.parametrize("role", ["anon", "authenticated"])
@pytest.mark.parametrize(
    "statement",
    [
        "insert into charts (campaign_id, title, config) select id, 'x', '{}' from campaigns",
        "update charts set config = '{}'",
        "update charts set data = '{}', generated_at = now()",
        "delete from charts",
        "truncate charts",
        "select * from signatures",
        "insert into signatures (campaign_id, voter_id, signed_at, channel) select id, '', now(), '' from campaigns",
        "select * from chart_sources.signatures",
        "select generate_chart_data('{}')",
        "select generate_chart(gen_random_uuid())",
        "select record_chart_failure(gen_random_uuid(), 1, '{}')",
        "select due_charts()",
        "select chart_engine.check_definition('{}')",
    ],
)
def test_a_member_writes_none_and_calls_nothing(database: psycopg.Connection, role: str, statement: str) -> None:
    with act_as(database, role, MEMBER), pytest.raises(DENIED):
        database.execute(statement)


def test_a_chart_that_moves_to_another_campaign_takes_nothing_of_the_old_one_along(
    database: psycopg.Connection,
) -> None:
    config = {"source": "campaigns", "measures": [{"name": "n", "type": "count"}]}
    database.execute("update charts set config = %s", (Jsonb(config),))
    database.execute("select generate_chart(id) from charts where title = 'Theirs'")
    database.execute("update charts set campaign_id = %s where title = 'Theirs'", (OURS,))
    kept = "select data, generated_at, error, status from charts where title = 'Theirs'"
    with act_as(database, "authenticated", MEMBER):
        assert database.execute(kept).fetchall() == [(None, None, None, "pending")]


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_no_sequence_of_the_project_is_open_to_the_api_roles(database: psycopg.Connection, role: str) -> None:
    sequences = "select sequencename, has_sequence_privilege(%s, 'public.' || sequencename, 'usage, select, update')"
    found = database.execute(f"{sequences} from pg_sequences where schemaname = 'public'", (role,)).fetchall()
    assert sorted(found) == [("signature_changes_id_seq", False), ("signatures_id_seq", False)]


def test_the_service_role_can_do_all_of_it(database: psycopg.Connection) -> None:
    with act_as(database, "service_role"):
        database.execute(
            "insert into signatures (campaign_id, voter_id, signed_at, channel) values (%s, 'V1', now(), 'mail')",
            (OURS,),
        )
        config = {
            "source": "signatures",
            "measures": [{"name": "n", "type": "count"}],
            "target": {"from": "campaignGoal"},
        }
        database.execute("update charts set config = %s", (Jsonb(config),))
        ((answer,),) = database.execute("select generate_chart(id) from charts where title = 'Ours'").fetchall()
        assert answer["chart"]["data"]["rows"] == [{"n": 1, "target": 5}]
        ((page,),) = database.execute("select due_charts()").fetchall()
        assert len(page["charts"]) == 1


@pytest.mark.parametrize("view", ["signatures", "campaigns"])
def test_no_view_that_can_be_charted_shows_who_signed(database: psycopg.Connection, view: str) -> None:
    ((columns,),) = database.execute("select chart_engine.columns(%s)", (view,)).fetchall()
    assert columns
    assert not {"voter_id", "first_name", "last_name", "address", "email", "phone", "user_id"} & set(columns)
