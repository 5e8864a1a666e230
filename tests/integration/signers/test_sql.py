"""The log of changes and the questions to it, in the database itself."""

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.database_role import act_as
from tests.integration.signers.table import CAMPAIGN, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

DENIED = psycopg.errors.InsufficientPrivilege
OTHER = UUID("00000000-0000-4000-8000-000000000001")


@pytest.fixture
def table(table_alone: Table) -> Table:
    return table_alone


def find(table: Table, *voters: str, campaign: UUID = CAMPAIGN) -> object:
    (found,) = table.column("select find_signers(%s, %s)", campaign, list(voters))
    return found


def page(table: Table, after: str | None = None, size: int = 10) -> dict[str, Any]:
    ((found,),) = table.database.execute("select signers_page(%s, %s, %s)", (CAMPAIGN, after, size)).fetchall()
    return found  # type: ignore[no-any-return]  # JSON


def changes(table: Table, position: str, size: int = 10, campaign: UUID = CAMPAIGN) -> dict[str, Any]:
    query = "select signer_changes(%s, %s, %s)"
    (((found,),),) = table.database.execute(query, ([campaign], [position], size)).fetchall()
    return found  # type: ignore[no-any-return]  # JSON


def list_campaigns(table: Table, after: str | None = None, size: int = 10) -> dict[str, bool]:
    """Return whether each campaign in the log is gone, in the order in which they are listed."""
    ((found,),) = table.database.execute("select campaigns_with_changes(%s, %s)", (after, size)).fetchall()
    return {each["campaignId"]: each["isGone"] for each in found}


def position(table: Table) -> str:
    return str(page(table)["position"])


def apply(table: Table, start: str, signers: set[str], size: int = 10) -> str:
    """Apply all changes since a position to a set of signers, and return its new position."""
    while True:
        found = changes(table, start, size)
        signers |= set(found["signed"])
        signers -= set(found["unsigned"])
        start = found["position"]
        if found["outcome"] != "more":
            assert found["outcome"] == "complete"
            return start


# --- which signatures count ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "signed"), [("pending", ["1"]), ("valid", ["1"]), ("rejected", []), ("withdrawn", [])]
)
def test_a_rejected_or_withdrawn_signature_does_not_count(table: Table, status: str, signed: list[str]) -> None:
    table.sign("1")
    table.database.execute("update signatures set status = %s", (status,))
    assert find(table, "1", "2") == signed


def test_whoever_was_rejected_signs_again_and_nobody_signs_twice(table: Table) -> None:
    table.sign("1")
    with pytest.raises(psycopg.errors.UniqueViolation):
        table.sign("1")
    table.withdraw("1")
    table.sign("1")
    assert find(table, "1") == ["1"]
    with pytest.raises(psycopg.errors.UniqueViolation):
        table.database.execute("update signatures set status = 'valid'")


def test_a_campaign_without_signatures_is_not_one_that_does_not_exist(table: Table) -> None:
    assert find(table, "1") == []
    assert find(table, "1", campaign=OTHER) is None


def test_a_lookup_reads_an_index_alone(table: Table) -> None:
    table.database.execute(
        "insert into signatures (campaign_id, voter_id, signed_at, channel)"
        " select %s, number::text, now(), 'mail' from generate_series(1, 5000) as number",
        (CAMPAIGN,),
    )
    table.database.execute("analyze signatures")
    query = "explain select from signatures where campaign_id = %s and voter_id = any (%s) and counts"
    plan = "\n".join(map(str, table.column(query, CAMPAIGN, ["1", "2"])))
    assert "using signers on signatures" in plan


# --- the log ------------------------------------------------------------------------------------------------------


def test_what_makes_a_voter_a_signer_or_ends_it_is_logged(table: Table) -> None:
    table.database.execute("truncate signature_changes")
    table.sign("1", "2")
    table.withdraw("1")
    table.database.execute("delete from signatures where voter_id = '2'")
    table.database.execute("delete from signatures where voter_id = '1'")  # counted no longer
    assert [voter for _, voter in table.read_log()] == ["1", "2", "1", "2"]


def test_what_changes_nothing_for_the_voter_is_not(table: Table) -> None:
    table.sign("1")
    table.database.execute("truncate signature_changes")
    table.database.execute("update signatures set status = 'valid', verified_on = now()")
    assert table.read_log() == []


def test_a_signature_that_moves_is_logged_where_it_was_and_where_it_is(table: Table) -> None:
    other = table.add_campaign()
    table.sign("1", "2")
    table.database.execute("truncate signature_changes")
    table.database.execute("update signatures set campaign_id = %s where voter_id = '1'", (other,))
    table.database.execute("update signatures set voter_id = '3' where voter_id = '2'")
    assert set(table.read_log()) == {(CAMPAIGN, "1"), (other, "1"), (CAMPAIGN, "2"), (CAMPAIGN, "3")}


def test_a_change_that_is_rolled_back_is_not_logged(table: Table) -> None:
    start = position(table)
    with table.database.transaction(force_rollback=True):
        table.sign("1")
    assert changes(table, start)["signed"] == []


def test_after_a_truncation_every_set_is_lost(table: Table) -> None:
    table.sign("1")
    start = position(table)
    table.database.execute("truncate signatures")
    assert changes(table, start)["outcome"] == "lost"
    assert changes(table, position(table))["outcome"] == "complete"


def test_a_new_campaign_is_listed_and_a_deleted_one_gone(table: Table) -> None:
    added = table.add_campaign()
    start = position(table)
    assert list_campaigns(table) == {str(CAMPAIGN): False, str(added): False}
    table.delete_campaign(added)
    assert changes(table, start, campaign=added)["outcome"] == "gone"
    assert list_campaigns(table) == {str(CAMPAIGN): False, str(added): True}


def test_campaigns_with_changes_are_listed_in_pages(table: Table) -> None:
    campaigns = sorted([CAMPAIGN, *(table.add_campaign() for _ in range(4))])
    for campaign in campaigns:
        table.sign("1", "2", "3", campaign=campaign)
    ids = [str(campaign) for campaign in campaigns]
    assert [*list_campaigns(table, None, 2)] == ids[:2]
    assert [*list_campaigns(table, ids[1], 2)] == ids[2:4]
    assert [*list_campaigns(table, ids[3], 2)] == ids[4:]
    assert [*list_campaigns(table, ids[4], 2)] == []


# --- pages --------------------------------------------------------------------------------------------------------


def test_pages_hold_every_signer_once(table: Table) -> None:
    table.sign(*(f"{number:02}" for number in range(25)))
    table.withdraw("03", "24")
    first = page(table)
    second = page(table, first["next"])
    third = page(table, second["next"])
    assert [len(each["voterIds"]) for each in (first, second, third)] == [10, 10, 3]
    assert {*first["voterIds"], *second["voterIds"], *third["voterIds"]} == table.signers()
    assert third["next"] is None


def test_a_page_of_nobody_has_a_position(table: Table) -> None:
    assert page(table) == {"position": position(table), "voterIds": [], "next": None}


# --- changes ------------------------------------------------------------------------------------------------------


def test_changes_say_how_it_is_now(table: Table) -> None:
    table.sign("1", "2")
    start = position(table)
    table.withdraw("1")
    table.sign("3")
    table.withdraw("2")
    table.sign("2")
    found = changes(table, start)
    assert (set(found["signed"]), found["unsigned"], found["outcome"]) == ({"2", "3"}, ["1"], "complete")
    assert changes(table, found["position"])["signed"] == []


def test_a_transaction_that_commits_late_is_not_skipped(table: Table) -> None:
    signers: set[str] = set()
    start = position(table)
    with table.transaction() as late:
        late.sign("late")
        table.sign("early")
        start = apply(table, start, signers)
        assert signers == {"early"}
        start = apply(table, start, signers)
    table.sign("later")
    start = apply(table, start, signers)
    assert signers == {"early", "late", "later"}
    assert changes(table, start)["signed"] == []


def test_a_transaction_that_stays_open_holds_up_no_other(table: Table) -> None:
    signers: set[str] = set()
    start = position(table)
    with table.transaction() as open_for_long:
        open_for_long.sign("0")
        for voter in map(str, range(1, 5)):
            table.sign(voter)
            start = apply(table, start, signers)
            assert signers == table.signers()


def test_many_changes_come_in_pages_whatever_happens_between_two_of_them(table: Table) -> None:
    signers: set[str] = set()
    start = position(table)
    table.sign(*map(str, range(25)))
    with table.transaction() as late:
        late.sign("late")
        found = changes(table, start, 10)
        assert (found["outcome"], len(found["signed"])) == ("more", 10)
        signers |= set(found["signed"])
    gone = found["signed"][0]
    table.withdraw(gone, "24")
    start = apply(table, found["position"], signers)
    assert gone in signers  # it was withdrawn after its page, and after what these pages go up to
    apply(table, start, signers)
    assert signers == table.signers()


def test_one_voters_changes_in_one_transaction_are_one_change(table: Table) -> None:
    start = position(table)
    with table.transaction() as other:
        for _ in range(3):
            other.sign("1")
            other.withdraw("1")
    assert changes(table, start)["unsigned"] == ["1"]


def test_several_campaigns_are_asked_about_at_once(table: Table) -> None:
    other = table.add_campaign()
    start = position(table)
    table.sign("1")
    table.sign("2", campaign=other)
    (found,) = table.column("select signer_changes(%s, %s)", [CAMPAIGN, other, OTHER], [start] * 3)
    assert isinstance(found, list)
    by_campaign: Mapping[str, Any] = {each["campaignId"]: each for each in found}
    assert by_campaign[str(CAMPAIGN)]["signed"] == ["1"]
    assert by_campaign[str(other)]["signed"] == ["2"]
    assert by_campaign[str(OTHER)]["outcome"] == "gone"


def test_a_position_of_the_future_is_one_of_another_database(table: Table) -> None:
    assert changes(table, "900000000:900000000:")["outcome"] == "lost"


# --- forgetting ---------------------------------------------------------------------------------------------------


def prune(table: Table) -> object:
    return table.column("select prune_signature_changes()")[0]


def test_what_is_a_day_old_is_forgotten_and_a_set_that_missed_it_is_lost(table: Table) -> None:
    before = position(table)
    table.sign("1", "2")
    after = position(table)
    table.age(days=2)
    table.sign("3")
    assert prune(table) == 3  # the campaign itself, too
    assert table.read_log() == [(CAMPAIGN, "3")]
    assert changes(table, before)["outcome"] == "lost"
    assert changes(table, after)["signed"] == ["3"]


def test_what_is_younger_stays(table: Table) -> None:
    table.sign("1")
    assert prune(table) == 0


def test_what_an_open_transaction_may_be_older_than_stays(table: Table) -> None:
    with table.transaction() as other:
        other.sign("0")
        table.sign("1")
        table.age(days=2)
        assert prune(table) == 1  # the campaign, which is older than the transaction
    table.age(days=2)
    assert prune(table) == 2


def test_changes_that_came_from_a_backup_of_another_database_are_passed_over(table: Table) -> None:
    start = position(table)
    table.sign("1")
    table.database.execute("update signature_changes set xid = '900000000'")
    assert changes(table, start)["signed"] == []
    table.age(days=2)
    assert prune(table) == 2
    assert changes(table, start)["outcome"] == "complete"


# --- who may ------------------------------------------------------------------------------------------------------

STATEMENTS = (
    "select from signature_changes",
    "insert into signature_changes (campaign_id) select id from campaigns",
    "update signature_changes set voter_id = '1'",
    "delete from signature_changes",
    "truncate signature_changes",
    "select nextval('signature_changes_id_seq')",
    "select from pruned_signature_changes",
    "insert into pruned_signature_changes select id, '1' from campaigns",
    "update pruned_signature_changes set xid = '1'",
    "delete from pruned_signature_changes",
)
CALLS = (
    f"select find_signers('{CAMPAIGN}', array['1'])",
    f"select signers_page('{CAMPAIGN}')",
    "select campaign_ids()",
    "select campaigns_with_changes()",
    f"select signer_changes(array['{CAMPAIGN}'::uuid], array['1:1:'])",
    "select prune_signature_changes()",
)


@pytest.mark.parametrize("role", ["anon", "authenticated"])
@pytest.mark.parametrize("statement", [*STATEMENTS, *CALLS, "select private.log_signature_changes()"])
def test_nobody_but_the_service_reads_or_writes_any_of_it(table: Table, role: str, statement: str) -> None:
    with act_as(table.database, role, uuid4()), pytest.raises(DENIED):
        table.database.execute(statement)


@pytest.mark.parametrize("statement", CALLS)
def test_the_service_role_calls_every_function(table: Table, statement: str) -> None:
    table.sign("1")
    with act_as(table.database, "service_role", uuid4()):
        table.database.execute(statement)


def test_whoever_may_write_signatures_writes_the_log_by_that_alone(table: Table) -> None:
    with act_as(table.database, "service_role", uuid4()):
        table.sign("1")
        table.withdraw("1")
        table.database.execute("delete from signatures")
        with pytest.raises(DENIED):
            table.database.execute("insert into signature_changes (campaign_id) select id from campaigns")


def test_row_level_security_guards_both_tables(table: Table) -> None:
    query = "select count(*) from pg_class where relrowsecurity and relname = any (%s)"
    assert table.column(query, ["signature_changes", "pruned_signature_changes"]) == [2]
    table.database.execute("grant select on signature_changes to authenticated")
    try:
        with act_as(table.database, "authenticated", uuid4()):
            assert table.column("select voter_id from signature_changes") == []
    finally:
        table.database.execute("revoke select on signature_changes from authenticated")
