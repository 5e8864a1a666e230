"""Building a set from the table, whatever happens at whichever moment."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial

import pytest

from duplicate.signer_set import signers_key
from tests.integration.chart_jobs.jobs import metrics
from tests.integration.lambda_process import capture_log
from tests.integration.signers.interleaving import CrashError, interleave, steps_of
from tests.integration.signers.sets import Sets, check, exists, find_signers
from tests.integration.signers.table import CAMPAIGN, Table

pytestmark = pytest.mark.usefixtures("warm")

VOTERS = [f"{number:02}" for number in range(10)]
DONE: dict[str, list[object]] = {"batchItemFailures": []}


@pytest.fixture
def filled_table(table: Table) -> Table:
    table.sign(*VOTERS)
    return table


def is_right(table: Table) -> bool:
    """Whether a check's answer is the table's, for all of these voters."""
    return find_signers([*VOTERS, "new", "0"]) == table.signers()


def are_known(voters: Sequence[str]) -> bool:
    """Whether a check says of all of these voters that they have signed."""
    return not voters or find_signers(voters) == set(voters)


def test_a_set_is_the_campaigns_signers_and_nothing_else_is_left(filled_table: Table, sets: Sets) -> None:
    filled_table.withdraw("03")
    filled_table.sign("elsewhere", campaign=filled_table.add_campaign())
    with interleave():
        assert sets.rebuild() == DONE
    assert (sets.members(), sets.is_whole()) == (filled_table.signers(), True)
    assert sets.keys() == {signers_key(str(CAMPAIGN)), f"{{{signers_key(str(CAMPAIGN))}}}:position"}
    assert sets.redis.ttl(signers_key(str(CAMPAIGN))) == -1


def test_a_campaign_without_signers_has_a_set_too(table: Table, sets: Sets) -> None:
    assert sets.rebuild() == DONE
    assert (sets.members(), sets.is_whole()) == (set(), True)
    assert not exists("1")
    assert table.signers() == set()


def test_a_whole_set_is_built_anew_only_where_that_is_asked_for(
    filled_table: Table, sets: Sets, capsys: pytest.CaptureFixture[str]
) -> None:
    sets.rebuild()
    sets.rebuild(force=False)
    assert sum(metrics(capsys.readouterr().out)["SignerSetsRebuilt"]) == 1
    sets.rebuild(force=True)
    assert sum(metrics(capsys.readouterr().out)["SignerSetsRebuilt"]) == 1
    assert sets.members() == filled_table.signers()


def change(table: Table) -> None:
    """Insert voters before and after those that were read, withdraw some, and withdraw and insert one again."""
    table.sign("0", "new")
    table.withdraw("02", "08")
    table.withdraw("05")
    table.sign("05")


def test_changes_between_any_two_steps_are_in_the_set(filled_table: Table, sets: Sets) -> None:
    for step in steps_of(sets.rebuild):
        filled_table.clear()
        filled_table.sign(*VOTERS)
        sets.redis.delete(*sets.keys() or ["none"])
        with interleave(
            step, partial(change, filled_table), lambda: is_right(filled_table) or pytest.fail("a wrong answer")
        ):
            assert sets.rebuild() == DONE
        assert sets.is_whole(), step
        sets.sync()
        assert sets.members() == filled_table.signers(), step


def test_until_the_new_set_is_there_the_old_one_says_no_to_nobody_who_was_in_it(
    filled_table: Table, sets: Sets
) -> None:
    sets.rebuild()
    for step in steps_of(sets.rebuild):
        with interleave(step, check=lambda: are_known(VOTERS) or pytest.fail("a wrong no")):
            assert sets.rebuild() == DONE
    assert sets.members() == filled_table.signers()


def test_a_transaction_that_was_open_at_any_step_and_commits_after_it_is_found_by_the_next_sync(
    table: Table, sets: Sets
) -> None:
    table.sign(*VOTERS)
    for step in steps_of(sets.rebuild):
        table.clear()
        table.sign(*VOTERS)
        with ExitStack() as late:

            def begin(late: ExitStack = late) -> None:
                other = late.enter_context(table.transaction())
                other.sign("0", "new")
                other.withdraw("02", "08")

            with interleave(step, begin):
                assert sets.rebuild() == DONE
            assert sets.members() == set(VOTERS), step
        sets.sync()
        assert sets.members() == table.signers() == {*VOTERS, "0", "new"} - {"02", "08"}, step


def test_what_an_app_commits_and_adds_at_any_step_stays_known(filled_table: Table, sets: Sets) -> None:
    sets.rebuild()
    for step in steps_of(sets.rebuild):
        voter = f"app-{step}"
        known = list[str]()

        def accept(voter: str = voter, known: list[str] = known) -> None:
            filled_table.sign(voter)
            sets.add(voter)
            known.append(voter)

        watch = lambda known=known: are_known(known) or pytest.fail("known no longer")  # noqa: E731
        with interleave(step, accept, watch):
            assert sets.rebuild() == DONE
        assert exists(voter), step


def test_a_crash_at_any_step_leaves_the_old_set_or_none_that_passes_for_whole(filled_table: Table, sets: Sets) -> None:
    def crash() -> None:
        raise CrashError

    sets.rebuild()
    for step in steps_of(sets.rebuild):
        with interleave(step, crash), capture_log():
            assert sets.rebuild()["batchItemFailures"]
        assert is_right(filled_table), step
        if sets.is_whole():
            assert sets.members() == filled_table.signers(), step
        sets.sync()
        assert sets.is_whole(), step


def test_a_crash_where_there_was_no_set_leaves_none_that_passes_for_whole(filled_table: Table, sets: Sets) -> None:
    def crash() -> None:
        raise CrashError

    for step in steps_of(sets.rebuild):
        sets.redis.delete(*sets.keys())
        with interleave(step, crash), capture_log():
            assert sets.rebuild()["batchItemFailures"]
        assert not sets.is_whole(), step
        assert is_right(filled_table), step


@pytest.mark.parametrize("loss", ["flush", "evict", "evict what is built"])
def test_a_loss_at_any_step_is_no_wrong_answer(filled_table: Table, sets: Sets, loss: str) -> None:
    def lose() -> None:
        match loss:
            case "flush":
                sets.redis.flushall()
            case "evict":
                sets.evict()
            case _:
                sets.redis.delete(*sets.keys(":build:") or ["none"])

    sets.rebuild()
    for step in steps_of(sets.rebuild):
        filled_table.clear()
        filled_table.sign(*VOTERS)
        with interleave(step, lose, lambda: is_right(filled_table) or pytest.fail("a wrong answer")):
            sets.rebuild()
        assert is_right(filled_table), step
        sets.forget_queue()
        assert is_right(filled_table), step
        sets.work_off_queue()
        assert (sets.is_whole(), sets.members()) == (True, filled_table.signers()), step


def test_a_set_that_is_lost_again_and_again_is_given_up_for_now(filled_table: Table, sets: Sets) -> None:
    with interleave(check=sets.redis.flushall), capture_log() as log:
        assert sets.rebuild() == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert "RedisUnavailable" in log.getvalue()
    assert is_right(filled_table)


def test_two_rebuilds_at_once_do_no_harm(filled_table: Table, sets: Sets) -> None:
    def change_and_rebuild() -> None:
        change(filled_table)
        sets.rebuild()

    for step in steps_of(sets.rebuild):
        filled_table.clear()
        filled_table.sign(*VOTERS)
        with interleave(step, change_and_rebuild):
            assert sets.rebuild() == DONE
        assert is_right(filled_table), step
        sets.sync()
        assert (sets.is_whole(), sets.members()) == (True, filled_table.signers()), step


def test_a_sync_during_a_rebuild_does_no_harm(filled_table: Table, sets: Sets) -> None:
    def change_and_sync() -> None:
        change(filled_table)
        sets.sync()

    sets.rebuild()
    for step in steps_of(sets.rebuild):
        filled_table.clear()
        filled_table.sign(*VOTERS)
        with interleave(step, change_and_sync):
            assert sets.rebuild() == DONE
        assert is_right(filled_table), step
        sets.sync()
        assert (sets.is_whole(), sets.members()) == (True, filled_table.signers()), step


def test_a_truncation_during_a_rebuild_is_one_more_rebuild(filled_table: Table, sets: Sets) -> None:
    for step in steps_of(sets.rebuild):
        filled_table.clear()
        filled_table.sign(*VOTERS)
        with interleave(step, lambda: filled_table.database.execute("truncate signatures")):
            assert sets.rebuild() == DONE
        sets.sync()
        sets.work_off_queue()
        assert (sets.is_whole(), sets.members()) == (True, set()), step


def test_a_campaign_that_is_deleted_during_a_rebuild_has_no_set(filled_table: Table, sets: Sets) -> None:
    for step in steps_of(sets.rebuild):
        filled_table.clear()
        filled_table.sign(*VOTERS)
        with interleave(step, filled_table.delete_campaign):
            assert sets.rebuild() == DONE
        sets.sync()
        assert sets.keys() == set(), step
        assert check("01").status == 404


def test_a_message_for_all_is_one_for_each_campaign(filled_table: Table, sets: Sets) -> None:
    others = [filled_table.add_campaign() for _ in range(3)]
    assert sets.work(["{}"]) == DONE
    assert sets.work_off_queue() == 4
    assert sets.members() == filled_table.signers()
    assert all(map(sets.is_whole, others))


def test_a_message_that_says_nothing_comes_again_and_stops_no_other(filled_table: Table, sets: Sets) -> None:
    good = json.dumps({"campaign_id": str(CAMPAIGN)})
    with capture_log() as log:
        assert sets.work(["", '{"campaign_id": 1}', good]) == {
            "batchItemFailures": [{"itemIdentifier": "0"}, {"itemIdentifier": "1"}]
        }
    assert sets.members() == filled_table.signers()
    assert not [voter for voter in VOTERS if f'"{voter}"' in log.getvalue()]
