"""The check, whatever Redis knows: it asks the set if that is whole, and the database if not."""

from collections.abc import Mapping
from socket import create_server
from uuid import uuid4

import pytest

from duplicate.queue import SILENT_SECONDS
from duplicate.signer_set import WHOLE, rebuild_key, signers_key
from petition.clients.sqs import SECONDS
from tests.integration.chart_jobs.jobs import metrics
from tests.integration.lambda_process import USER, capture_log, encode_permissions, process
from tests.integration.signers.sets import Sets, check, check_many, exists
from tests.integration.signers.table import CAMPAIGN, Table
from tests.private_valkey import PrivateValkey

pytestmark = pytest.mark.usefixtures("warm")


def test_a_set_that_was_never_built_is_answered_for_by_the_database(table: Table, sets: Sets) -> None:
    table.sign("1")
    assert (exists("1"), exists("2")) == (True, False)
    assert not sets.is_whole()


def test_its_rebuild_is_queued_once(table: Table, sets: Sets) -> None:
    table.sign("1")
    for _ in range(5):
        assert exists("1")
    assert sets.work_off_queue() == 1
    assert (sets.members(), sets.is_whole()) == ({"1"}, True)


def test_a_set_that_was_built_is_asked_alone_and_in_one_round_trip(
    table: Table, sets: Sets, valkey: PrivateValkey, environment: Mapping[str, str]
) -> None:
    table.sign("1")
    sets.rebuild()
    valkey.client.config_resetstat()
    with process({**environment, "SUPABASE_URL": "http://127.0.0.1:9"}):  # nothing answers there
        assert (exists("1"), exists("2")) == (True, False)
    assert valkey.commands() == {"get": 2, "smismember": 2}


def test_a_lost_set_is_counted(table: Table, sets: Sets, capsys: pytest.CaptureFixture[str]) -> None:
    table.sign("1")
    sets.rebuild()
    sets.evict()
    capsys.readouterr()
    assert [exists("1") for _ in range(3)] == [True] * 3
    counted = metrics(capsys.readouterr().out)
    assert (sum(counted["SignersFromDatabase"]), sum(counted["SignerSetsLost"])) == (3, 1)


def test_a_set_that_an_app_began_anew_is_not_taken_for_whole(table: Table, sets: Sets) -> None:
    table.sign("1", "2")
    sets.rebuild()
    sets.evict()
    sets.add("2")
    assert (exists("1"), exists("2"), exists("3")) == (True, True, False)
    assert sets.work_off_queue() == 1
    assert sets.members() == {"1", "2"}


def test_a_set_whose_mark_was_removed_is_not_either(table: Table, sets: Sets) -> None:
    table.sign("1")
    sets.rebuild()
    sets.redis.srem(signers_key(str(CAMPAIGN)), WHOLE, "1")
    assert exists("1")
    assert sets.work_off_queue() == 1
    assert sets.is_whole()


def test_a_key_of_another_type_is_a_503_until_a_rebuild_replaces_it(table: Table, sets: Sets) -> None:
    table.sign("1")
    sets.redis.set(signers_key(str(CAMPAIGN)), "text")
    assert check("1").status == 503
    sets.rebuild()
    assert exists("1")


def test_what_an_app_adds_is_known_at_once_and_what_the_table_gets_after_a_sync(table: Table, sets: Sets) -> None:
    sets.rebuild()
    sets.add("1")
    assert (exists("1"), exists("2")) == (True, False)
    table.sign("1", "2")
    sets.sync()
    assert (exists("1"), exists("2")) == (True, True)


# --- a whole page -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_built", [True, False], ids=["set", "database"])
def test_a_page_of_voters_is_answered_in_the_form_and_order_in_which_it_was_asked(
    table: Table, sets: Sets, *, is_built: bool
) -> None:
    table.sign("3", "1", "12")
    if is_built:
        sets.rebuild()
    answer = check_many(["1", 12, "2", 3, "1"])
    assert (answer.status, answer.body) == (200, {"signed": ["1", 12, 3]})


def test_five_hundred_voters_are_one_command(table: Table, sets: Sets, valkey: PrivateValkey) -> None:
    table.sign("7")
    sets.rebuild()
    valkey.client.config_resetstat()
    assert check_many(list(range(500))).body == {"signed": [7]}
    assert valkey.commands() == {"get": 1, "smismember": 1}


# --- campaigns ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("campaign", ["clean-rivers", "1", uuid4(), str(CAMPAIGN)[:-1], f"{CAMPAIGN}0"])
def test_a_campaign_that_does_not_exist_is_said_to_those_who_may_check_everywhere(campaign: object, sets: Sets) -> None:
    answer = check("1", campaign)
    assert (answer.status, answer.code, answer.body["error"]) == (404, "not_found", "There is no such campaign.")
    assert sets.keys() == set()


def test_whoever_may_check_in_one_campaign_learns_nothing_of_others(valkey: PrivateValkey) -> None:
    valkey.client.set(f"permissions-{USER}", encode_permissions("signers:check", campaign=str(CAMPAIGN)))
    assert check("1", uuid4()).status == 403
    assert check("1").status == 200


@pytest.mark.parametrize("held_in", ["*", str(CAMPAIGN)])
def test_a_campaigns_id_in_capitals_is_the_same_campaign(
    table: Table, sets: Sets, valkey: PrivateValkey, held_in: str
) -> None:
    valkey.client.set(f"permissions-{USER}", encode_permissions("signers:check", campaign=held_in))
    table.sign("1")
    sets.rebuild()
    answer = check("1", str(CAMPAIGN).upper())
    assert answer.body == {"exists": True}
    assert sets.work_off_queue() == 0


# --- what is unavailable ------------------------------------------------------------------------------------------


def test_a_database_that_is_unavailable_is_no_answer(table: Table, environment: Mapping[str, str]) -> None:
    table.sign("1")
    with process({**environment, "SUPABASE_URL": "http://127.0.0.1:9"}):
        answer = check("1")
    assert (answer.status, answer.code) == (502, "upstream_error")


def test_a_queue_that_is_unavailable_keeps_nobody_waiting_for_the_answer(
    table: Table, sets: Sets, environment: Mapping[str, str]
) -> None:
    table.sign("1")
    with process({**environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}), capture_log() as log:
        answer = check("1")
    assert (answer.status, answer.body) == (200, {"exists": True})
    assert answer.seconds < 5
    assert "its rebuild is not queued" in log.getvalue()
    assert exists("1")
    assert sets.work_off_queue() == 1


@pytest.mark.parametrize(("seconds", "queued"), [(5.0, 1), (2.5, 0)])
def test_a_rebuild_is_queued_within_what_is_left_or_it_is_logged_that_it_is_not(
    table: Table, sets: Sets, seconds: float, queued: int
) -> None:
    table.sign("1")
    with capture_log() as log:
        assert check("1", seconds=seconds).body == {"exists": True}
    assert sets.work_off_queue() == queued
    assert log.getvalue().count("its rebuild is not queued") == 1 - queued


def test_a_silent_queue_is_waited_for_by_one_check_alone(
    table: Table, sets: Sets, environment: Mapping[str, str]
) -> None:
    table.sign("1")
    with create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with process({**environment, "AWS_ENDPOINT_URL": url}), capture_log() as log:
            answers = [check("1") for _ in range(3)]
    assert [answer.body for answer in answers] == [{"exists": True}] * 3
    assert [answer.seconds > SECONDS / 2 for answer in answers] == [True, False, False]
    assert log.getvalue().count("its rebuild is not queued") == 1
    assert 0 < sets.redis.ttl(rebuild_key(str(CAMPAIGN))) <= SILENT_SECONDS


# --- somebody else's sets -----------------------------------------------------------------------------------------


def test_sets_that_somebody_else_keeps_are_believed_as_they_are(
    table: Table, sets: Sets, environment: Mapping[str, str]
) -> None:
    table.sign("2")
    sets.redis.sadd("campaign:Clean-Rivers:signers", "1")
    with process({**environment, "SIGNERS_FROM": "external", "SUPABASE_URL": "http://127.0.0.1:9"}):
        assert check("1", "Clean-Rivers").body == {"exists": True}
        assert check("2", "Clean-Rivers").body == {"exists": False}
        assert check("1", "clean-rivers").body == {"exists": False}
        assert check_many(["1", "2"], "Clean-Rivers").body == {"signed": ["1"]}


def test_another_keeper_is_a_wrong_setting(environment: Mapping[str, str]) -> None:
    with process({**environment, "SIGNERS_FROM": "somebody"}), capture_log() as log:
        assert check("1").status == 500
    assert "SIGNERS_FROM" in log.getvalue()
