"""The duplicate check against a real server: what it answers, and what it costs."""

import pytest
from redis.client import Monitor

from tests.integration.duplicate.checking import CAMPAIGN, OTHER, SIGNED, check
from tests.integration.lambda_process import USER, encode_permissions
from tests.private_valkey import PrivateValkey

pytestmark = pytest.mark.usefixtures("warm")


@pytest.mark.parametrize("voter", [SIGNED, int(SIGNED)])
def test_a_signer_is_found_by_text_and_by_number(voter: object) -> None:
    answer = check(voter)
    assert (answer.status, answer.body) == (200, {"exists": True})


@pytest.mark.parametrize(("voter", "campaign"), [("1", CAMPAIGN), (SIGNED, OTHER), (f"0{SIGNED}", CAMPAIGN)])
def test_who_has_not_signed_this_campaign_is_not_found(voter: str, campaign: str) -> None:
    answer = check(voter, campaign)
    assert (answer.status, answer.body) == (200, {"exists": False})


def test_a_check_is_one_command_of_its_own_beside_the_permissions_on_one_connection(valkey: PrivateValkey) -> None:
    for _ in range(100):
        check()
    counted = {name: valkey.commands().get(name) for name in ("smismember", "get")}
    assert counted == {"smismember": 100, "get": 100}
    assert valkey.client.info("clients")["connected_clients"] == 2  # the process, and this test


def test_the_commands_that_the_process_sends_are_these_two_and_nothing_else(valkey: PrivateValkey) -> None:
    check()
    with Monitor(valkey.client.connection_pool) as monitor:  # type: ignore[no-untyped-call]  # redis-py leaves it so
        commands = monitor.listen()
        check(), check()
        seen = [next(commands)["command"] for _ in range(4)]
    assert seen == [f"GET permissions-{USER}", f"SMISMEMBER campaign:{CAMPAIGN}:signers {SIGNED} *"] * 2


@pytest.mark.parametrize("held", [(), ("voters:search",)])
def test_who_may_not_check_learns_nothing(valkey: PrivateValkey, held: tuple[str, ...]) -> None:
    valkey.client.set(f"permissions-{USER}", encode_permissions(*held))
    answer = check()
    assert (answer.status, answer.code) == (403, "forbidden")
    assert "exists" not in answer.body
