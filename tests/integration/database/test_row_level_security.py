"""What a signed-in user reads of a campaign: all of it where they are a member, and otherwise nothing."""

from uuid import UUID, uuid4

import psycopg
import pytest

from tests.database_role import act_as

OURS, THEIRS, MEMBER, OVERSEER, STRANGER = (uuid4() for _ in range(5))


@pytest.fixture
def database(database: psycopg.Connection) -> psycopg.Connection:
    database.execute("insert into campaigns (id, name) values (%s, 'Ours'), (%s, 'Theirs')", (OURS, THEIRS))
    database.execute(
        "insert into memberships (user_id, role, campaign_id)"
        " values (%s, 'viewer', %s), (%s, 'organizer', %s), (%s, 'viewer', null)",
        (MEMBER, OURS, MEMBER, OURS, OVERSEER),
    )
    database.execute("insert into charts (campaign_id, title, config) select id, name, '{}' from campaigns")
    return database


@pytest.mark.parametrize(
    ("user", "seen"), [(MEMBER, ["Ours"]), (OVERSEER, ["Ours", "Theirs"]), (STRANGER, []), (None, [])]
)
@pytest.mark.parametrize("query", ["select name from campaigns order by 1", "select title from charts order by 1"])
def test_a_member_reads_their_campaigns_and_charts(
    database: psycopg.Connection, query: str, user: UUID | None, seen: list[str]
) -> None:
    with act_as(database, "authenticated", user):
        assert [name for (name,) in database.execute(query)] == seen


@pytest.mark.parametrize(("user", "count"), [(MEMBER, 2), (OVERSEER, 1), (STRANGER, 0)])
def test_a_user_reads_their_own_memberships(database: psycopg.Connection, user: UUID, count: int) -> None:
    with act_as(database, "authenticated", user):
        assert database.execute("select user_id from memberships").fetchall() == [(user,)] * count


def test_a_campaign_to_come_is_seen_by_who_belongs_to_every_campaign(database: psycopg.Connection) -> None:
    database.execute("insert into campaigns (name) values ('New')")
    with act_as(database, "authenticated", OVERSEER):
        assert database.execute("select count(*) from campaigns").fetchone() == (3,)
    with act_as(database, "authenticated", MEMBER):
        assert database.execute("select count(*) from campaigns").fetchone() == (1,)


def test_the_memberships_are_looked_up_once_a_statement(database: psycopg.Connection) -> None:
    database.execute(
        "insert into charts (campaign_id, title, config) select %s, 'Chart', '{}' from generate_series(1, 200)", (OURS,)
    )
    with act_as(database, "authenticated", MEMBER):
        plan = "\n".join(line for (line,) in database.execute("explain (analyze, costs off) select id from charts"))
    assert "loops=200" not in plan
    assert "Function Scan" in plan or "ProjectSet" in plan
    assert "rows=201" in plan
