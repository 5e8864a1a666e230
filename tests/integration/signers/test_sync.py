"""The schedule: changes of the table reach the sets, whatever happens meanwhile."""

from collections.abc import Mapping

import pytest

from duplicate import catch_up
from duplicate.signer_set import UNFINISHED, WHOLE, position_key, signers_key
from petition.errors import RedisUnavailable, UpstreamError
from tests.integration.chart_jobs.jobs import metrics
from tests.integration.lambda_process import process
from tests.integration.signers.interleaving import CrashError, interleave, steps_of
from tests.integration.signers.sets import Sets, exists, find_signers
from tests.integration.signers.table import CAMPAIGN, Table
from tests.private_valkey import PrivateValkey

pytestmark = pytest.mark.usefixtures("warm")

KEY, POSITION = signers_key(str(CAMPAIGN)), position_key(str(CAMPAIGN))


@pytest.fixture
def table_in_sync(table: Table, sets: Sets) -> Table:
    """Ten voters have signed, and are in the set."""
    table.sign(*map(str, range(10)))
    sets.rebuild()
    return table


def is_right(table: Table, sets: Sets) -> bool:
    return sets.is_whole() and sets.members() == table.signers()


def test_what_was_signed_withdrawn_and_moved_is_applied(table_in_sync: Table, sets: Sets) -> None:
    other = table_in_sync.add_campaign()
    sets.rebuild(other)
    table_in_sync.sign("new")
    table_in_sync.withdraw("1", "2")
    table_in_sync.sign("2")
    table_in_sync.database.execute("update signatures set campaign_id = %s where voter_id = '3'", (other,))
    done = sets.sync()
    assert (done["campaigns"], done["lost"]) == (2, 0)
    assert is_right(table_in_sync, sets)
    assert sets.members(other) == {"3"}


def test_a_second_run_finds_nothing_to_do(table_in_sync: Table, sets: Sets) -> None:
    table_in_sync.sign("new")
    assert sets.sync()["changes"] == 1
    assert sets.sync()["changes"] == 0


def test_changes_are_counted(table_in_sync: Table, sets: Sets, capsys: pytest.CaptureFixture[str]) -> None:
    table_in_sync.sign("a", "b")
    table_in_sync.withdraw("1")
    sets.sync()
    assert metrics(capsys.readouterr().out)["SignerChanges"] == [3]


def test_a_transaction_that_commits_late_is_applied_then_and_holds_up_no_other(
    table_in_sync: Table, sets: Sets
) -> None:
    with table_in_sync.transaction() as late:
        late.sign("late")
        late.withdraw("1")
        table_in_sync.sign("early")
        sets.sync()
        assert (exists("early"), exists("late"), exists("1")) == (True, False, True)
        sets.sync()
    sets.sync()
    assert (exists("late"), exists("1")) == (True, False)
    assert is_right(table_in_sync, sets)


def test_more_changes_than_a_page_holds_are_applied_page_by_page(table_in_sync: Table, sets: Sets) -> None:
    table_in_sync.sign(*(f"n{number}" for number in range(9)))
    table_in_sync.withdraw("1", "2", "3")
    with interleave():
        assert sets.sync()["changes"] == 12
    assert is_right(table_in_sync, sets)


def test_a_change_between_any_two_steps_is_applied_by_the_next_run_at_the_latest(
    table_in_sync: Table, sets: Sets
) -> None:
    def change() -> None:
        table_in_sync.withdraw("4", "5")
        table_in_sync.sign("5", "new")

    def prepare() -> None:
        table_in_sync.clear()
        table_in_sync.sign(*map(str, range(10)))
        sets.rebuild()
        table_in_sync.sign("a", "b", "c")
        table_in_sync.withdraw("1", "2")

    prepare()
    for step in steps_of(sets.sync):
        prepare()
        with interleave(step, change):
            sets.sync()
        sets.sync()
        assert is_right(table_in_sync, sets), step


def test_what_an_app_commits_and_adds_is_known_from_then_on_whatever_is_removed_meanwhile(
    table_in_sync: Table, sets: Sets
) -> None:
    def prepare() -> None:
        sets.redis.delete(KEY, POSITION)
        table_in_sync.clear()
        table_in_sync.sign(*map(str, range(10)))
        sets.rebuild()
        table_in_sync.withdraw("1", "2", "3")

    prepare()
    for step in steps_of(sets.sync):
        prepare()
        known = list[str]()

        def sign_again(known: list[str] = known) -> None:
            table_in_sync.sign("2")
            sets.add("2")
            known.append("2")

        def watch(known: list[str] = known) -> None:
            assert not known or find_signers(known)

        with interleave(step, sign_again, watch):
            sets.sync()
        assert exists("2"), step


def test_two_runs_at_once_do_no_harm(table_in_sync: Table, sets: Sets) -> None:
    def prepare() -> None:
        table_in_sync.sign("a", "b", "c")
        table_in_sync.withdraw("1", "2")

    def change_and_sync() -> None:
        table_in_sync.withdraw("a")
        table_in_sync.sign("1")
        sets.sync()

    prepare()
    for step in steps_of(sets.sync):
        table_in_sync.withdraw("a", "b", "c", "1", "2")
        table_in_sync.sign("1", "2")
        sets.sync()
        prepare()
        with interleave(step, change_and_sync):
            sets.sync()
        sets.sync()
        assert is_right(table_in_sync, sets), step


def test_a_crash_at_any_step_is_made_up_for_by_the_next_run(table_in_sync: Table, sets: Sets) -> None:
    def crash() -> None:
        raise CrashError

    def prepare() -> None:
        table_in_sync.withdraw("a", "b", "c", "1", "2")
        table_in_sync.sign("1", "2")
        sets.sync()
        table_in_sync.sign("a", "b", "c")
        table_in_sync.withdraw("1", "2")

    prepare()
    for step in steps_of(sets.sync):
        prepare()
        with interleave(step, crash), pytest.raises(CrashError):
            sets.sync()
        sets.sync()
        assert is_right(table_in_sync, sets), step


def test_removals_without_end_leave_the_answer_to_the_database_until_the_next_run(
    table_in_sync: Table, sets: Sets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catch_up, "MAX_PASSES", 3)
    table_in_sync.withdraw("1")

    def go_on() -> None:
        table_in_sync.withdraw("2")
        table_in_sync.sign("2")
        table_in_sync.withdraw("2")

    with interleave(check=go_on):
        sets.sync()
    assert not sets.is_whole()
    assert (exists("1"), exists("2"), exists("3")) == (False, False, True)
    assert sets.work_off_queue() == 0
    sets.sync()
    assert is_right(table_in_sync, sets)


# --- sets that cannot be kept up ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "position", [None, "", "nothing", "1:1:", "900000000:900000000: " + "0" * 32, "1:1: " + "g" * 32]
)
def test_a_set_whose_position_was_lost_is_built_anew(table_in_sync: Table, sets: Sets, position: str | None) -> None:
    table_in_sync.sign("new")
    if position is None:
        sets.redis.delete(POSITION)
    else:
        sets.redis.set(POSITION, position)
    assert sets.sync()["lost"] == 1
    assert exists("new")
    assert sets.work_off_queue() == 1
    assert is_right(table_in_sync, sets)


def test_a_set_that_missed_what_was_forgotten_is_built_anew(table_in_sync: Table, sets: Sets) -> None:
    position = sets.position()
    table_in_sync.sign("new")
    sets.sync()
    table_in_sync.age(days=2)
    sets.sync()
    table_in_sync.sign("newer")
    assert sets.sync()["lost"] == 0
    sets.redis.srem(KEY, "new")
    sets.redis.set(POSITION, position or "")
    table_in_sync.sign("newest")
    assert sets.sync()["lost"] == 1
    assert sets.work_off_queue() == 1
    assert is_right(table_in_sync, sets)


def test_a_set_that_an_app_began_anew_is_not_made_whole(table_in_sync: Table, sets: Sets) -> None:
    sets.evict()
    sets.add("9")
    table_in_sync.sign("new")
    assert sets.sync()["lost"] == 1
    assert not sets.is_whole()
    assert sets.work_off_queue() == 1
    assert is_right(table_in_sync, sets)


def test_a_set_that_is_evicted_between_two_steps_is_not_made_whole(table_in_sync: Table, sets: Sets) -> None:
    def lose() -> None:
        sets.evict()
        sets.add("9")

    def prepare() -> None:
        table_in_sync.withdraw("1", "2", "3")
        table_in_sync.sign("1")

    prepare()
    for step in steps_of(sets.sync):
        table_in_sync.clear()
        table_in_sync.sign(*map(str, range(10)))
        sets.rebuild()
        prepare()
        with interleave(step, lose):
            sets.sync()
        assert not sets.is_whole(), step
        assert exists("8"), step
        sets.forget_queue()
        sets.sync()
        while sets.work_off_queue():
            pass
        assert is_right(table_in_sync, sets), step


@pytest.mark.parametrize("key", [KEY, POSITION])
def test_a_key_of_another_type_stops_no_other_campaign_and_is_replaced(
    table_in_sync: Table, sets: Sets, key: str
) -> None:
    other = table_in_sync.add_campaign()
    sets.rebuild(other)
    sets.redis.delete(key)
    sets.redis.lpush(key, "1")
    table_in_sync.sign("new")
    table_in_sync.sign("new", campaign=other)
    assert sets.sync()["lost"] == 1
    assert sets.members(other) == {"new"}
    assert key == KEY or exists("new")
    assert sets.work_off_queue() == 1
    assert is_right(table_in_sync, sets)


def test_a_truncated_table_is_built_anew(table_in_sync: Table, sets: Sets) -> None:
    table_in_sync.database.execute("truncate signatures")
    assert sets.sync()["lost"] == 1
    assert not exists("1")
    assert sets.work_off_queue() == 1
    assert is_right(table_in_sync, sets)


def test_a_new_campaign_has_its_set_before_anybody_asks(table: Table, sets: Sets) -> None:
    assert sets.sync()["lost"] == 1
    assert sets.sync()["lost"] == 1  # still queued, and so not queued again
    assert sets.work_off_queue() == 1
    assert is_right(table, sets)


def test_a_deleted_campaigns_set_goes(table_in_sync: Table, sets: Sets) -> None:
    table_in_sync.delete_campaign()
    assert sets.sync()["campaigns"] == 0
    assert sets.keys() == set()
    assert sets.work_off_queue() == 0


def test_all_sets_that_were_lost_come_back_by_themselves(table_in_sync: Table, sets: Sets) -> None:
    campaigns = [table_in_sync.add_campaign() for _ in range(3)]
    for campaign in campaigns:
        table_in_sync.sign("1", campaign=campaign)
    sets.redis.flushall()
    assert sets.sync()["lost"] == 4
    assert sets.work_off_queue() == 4
    assert is_right(table_in_sync, sets)
    assert [sets.members(campaign) for campaign in campaigns] == [{"1"}] * 3


def test_marks_are_of_no_alphabet_that_voters_ids_have() -> None:
    assert not any(character.isalnum() for character in (WHOLE[0], UNFINISHED[0]))


# --- what is unavailable ------------------------------------------------------------------------------------------


def test_redis_that_is_unavailable_is_said(table_in_sync: Table, sets: Sets, valkey: PrivateValkey) -> None:
    table_in_sync.sign("new")
    valkey.kill()
    with pytest.raises(RedisUnavailable):
        sets.sync()


def test_a_database_that_is_unavailable_is_said(environment: Mapping[str, str], sets: Sets) -> None:
    with process({**environment, "SUPABASE_URL": "http://127.0.0.1:9"}), pytest.raises(UpstreamError):
        sets.sync()
