"""Redis fails: the answer says so soon, and the same process works again as soon as it is back."""

import threading
from collections.abc import Mapping

import pytest

from petition.clients import redis
from tests.integration.duplicate.checking import CAMPAIGN, check, reports_outage
from tests.integration.duplicate.conftest import fill
from tests.integration.duplicate.tcp_proxy import tcp_proxy
from tests.integration.lambda_process import capture_log, process
from tests.private_valkey import PrivateValkey

pytestmark = pytest.mark.usefixtures("open_connection")


def test_a_restart_between_two_checks_goes_unnoticed(valkey: PrivateValkey) -> None:
    valkey.restart()
    fill(valkey)
    assert check().body == {"exists": True}


def test_a_connection_that_died_while_idle_is_replaced(valkey: PrivateValkey) -> None:
    valkey.client.client_kill_filter(_type="normal", skipme=True)
    assert check().body == {"exists": True}


def test_a_connection_that_a_firewall_has_swallowed_is_replaced_within_the_check(
    environment: Mapping[str, str], valkey: PrivateValkey
) -> None:
    with tcp_proxy(valkey.port) as proxy, process({**environment, "REDIS_URL": f"redis://127.0.0.1:{proxy.port}"}):
        check()
        proxy.lose_connections()
        answer = check()
    assert (answer.body, proxy.connections) == ({"exists": True}, 2)


def test_a_killed_server_is_told_and_found_again(valkey: PrivateValkey) -> None:
    valkey.kill()
    assert all(reports_outage(check()) for _ in range(3))
    valkey.restart()
    fill(valkey)
    assert check().body == {"exists": True}


def test_a_paused_server_is_told_and_found_again(valkey: PrivateValkey) -> None:
    valkey.pause()
    assert all(reports_outage(check()) for _ in range(2))
    valkey.resume()
    assert check().body == {"exists": True}


def test_a_server_that_is_killed_while_a_check_waits_is_told(valkey: PrivateValkey) -> None:
    valkey.pause()
    killer = threading.Timer(0.2, valkey.kill)
    killer.start()
    answer = check()
    killer.join()
    assert reports_outage(answer)
    valkey.restart()
    fill(valkey)
    assert check().body == {"exists": True}


def test_a_late_reply_is_never_taken_for_the_next_ones(valkey: PrivateValkey) -> None:
    valkey.pause()
    assert reports_outage(check("nobody"))
    valkey.resume()
    answers = [check(voter).body["exists"] for voter in ("nobody", "12345678") * 5]
    assert answers == [False, True] * 5


def test_a_key_of_another_type_is_a_failure_and_no_answer(valkey: PrivateValkey) -> None:
    valkey.client.set(f"campaign:{CAMPAIGN}:signers", "text")
    assert check().status == 503
    valkey.client.delete(f"campaign:{CAMPAIGN}:signers")
    fill(valkey)
    assert check().body == {"exists": True}


@pytest.mark.parametrize(("name", "value"), [("requirepass", "secret"), ("maxclients", 1)])
def test_a_server_that_refuses_is_told(valkey: PrivateValkey, name: str, value: str | int) -> None:
    valkey.client.config_set(name, value)
    redis.reset()
    assert reports_outage(check())


def test_a_password_that_is_wrong_is_told_and_a_right_one_works(
    valkey: PrivateValkey, environment: Mapping[str, str]
) -> None:
    valkey.client.config_set("requirepass", "right")
    urls = {password: valkey.url.replace("//", f"//:{password}@") for password in ("wrong", "right")}
    with process({**environment, "REDIS_URL": urls["wrong"]}):
        assert reports_outage(check())
    with process({**environment, "REDIS_URL": urls["right"]}):
        assert check().status == 200


@pytest.mark.parametrize("url", ["", "localhost:6379", "http://localhost", "redis://h:port"])
def test_an_address_that_is_none_is_a_setting_that_is_wrong(environment: Mapping[str, str], url: str) -> None:
    with process({**environment, "REDIS_URL": url}), capture_log() as log:
        answer = check()
    assert (answer.status, answer.code) == (500, "internal_error")
    assert "REDIS_URL" in log.getvalue()


def test_a_host_that_is_not_there_is_told(environment: Mapping[str, str]) -> None:
    with process({**environment, "REDIS_URL": "redis://nowhere.invalid:6379"}):
        assert check().code == "redis_unavailable"
