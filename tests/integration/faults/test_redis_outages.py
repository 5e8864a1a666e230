"""Redis is killed, started again, and fails over, under processes that go on asking."""

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.integration.faults.scene import ROUTES, SIGNERS, Scene, scene
from tests.integration.faults.servers import Background, background
from tests.integration.faults.services import CAMPAIGN
from tests.private_valkey import PrivateValkey

CLIENTS = 50
KILLS = 3
SIGNERS_KEY = f"campaign:{CAMPAIGN}:signers"
PAUSE_SECONDS = 0.2
# What a request that was under way at the end of an outage may still take.
GRACE_SECONDS = 1.3


@pytest.fixture(scope="module")
def loop() -> Iterator[Background]:
    with background() as running:
        yield running


class TimedAnswer(NamedTuple):
    """One request: its answer in a few words, and when it began."""

    answer: str
    began: float


@dataclass
class Outages:
    """When Redis was unavailable."""

    spans: list[tuple[float, float]] = field(default_factory=list)

    def cover(self, asked: TimedAnswer) -> bool:
        """Check whether a request met one of them."""
        return any(began - GRACE_SECONDS <= asked.began <= end for began, end in self.spans)


def test_three_outages_under_fifty_clients_leave_nothing_behind(
    loop: Background, valkey: PrivateValkey, tmp_path: Path
) -> None:
    valkey.client.sadd(SIGNERS_KEY, *SIGNERS)
    outages, patient = Outages(), replace(ROUTES["duplicate"], seconds=10)
    with ExitStack() as open_scenes, ThreadPoolExecutor(CLIENTS) as pool:
        clients = [
            open_scenes.enter_context(scene(loop, valkey, patient, tmp_path / "log", {})) for _ in range(CLIENTS)
        ]
        assert {client.ask()[0] for client in clients} == {"200"}
        ends = time.monotonic() + KILLS * 1.5 + 1
        asking = [pool.submit(ask_until, client, ends) for client in clients]
        for _ in range(KILLS):
            time.sleep(0.7)
            outages.spans.append(kill_for(valkey, 0.4))
        asked = [each for future in asking for each in future.result()]
    failed = [each for each in asked if each.answer != "200"]
    assert [each for each in failed if not outages.cover(each)] == []
    assert {each.answer for each in failed} <= {"503 redis_unavailable after 2"}
    assert len(asked) - len(failed) > CLIENTS * KILLS


def ask_until(client: Scene, ends: float) -> list[TimedAnswer]:
    asked = []
    while (began := time.monotonic()) < ends:
        asked.append(TimedAnswer(client.ask()[0], began))
        time.sleep(PAUSE_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - so that clients do not march in step
    return asked


def kill_for(valkey: PrivateValkey, seconds: float) -> tuple[float, float]:
    """Kill Redis for a while.

    Returns:
        when it was unavailable.
    """
    began = time.monotonic()
    valkey.kill()
    time.sleep(seconds)
    valkey.restart()
    valkey.client.sadd(SIGNERS_KEY, *SIGNERS)
    return began, time.monotonic()


@pytest.fixture
def replica(valkey: PrivateValkey) -> Iterator[PrivateValkey]:
    """A second server that replicates the first."""
    valkey.client.sadd(SIGNERS_KEY, *SIGNERS)
    with PrivateValkey() as second:
        for server in (valkey, second):
            server.client.config_set("repl-diskless-load", "swapdb")  # no file is left behind
            server.client.config_set("repl-diskless-sync-delay", "0")  # no other replica is waited for
        second.client.replicaof("127.0.0.1", str(valkey.port))
        wait_until_linked(second)
        yield second


def wait_until_linked(replica: PrivateValkey) -> None:
    deadline = time.monotonic() + 20
    while replica.client.info("replication").get("master_link_status") != "up":
        assert time.monotonic() < deadline
        time.sleep(0.02)


def fail_over(now: Scene, old: PrivateValkey, new: PrivateValkey, *, linked: bool) -> None:
    """Make the second server the primary, and leave every connection to the first one open."""
    new.client.replicaof("NO", "ONE")
    if linked:
        old.client.replicaof("127.0.0.1", str(new.port))
        wait_until_linked(old)
    else:
        old.client.config_set("replica-serve-stale-data", "no")
        old.client.replicaof("127.0.0.1", "1")
    now.redis.upstream = new.port


@pytest.mark.parametrize("linked", [True, False], ids=["in step with the new primary", "cut off from it"])
@pytest.mark.parametrize("name", ["duplicate", "revalidate", "essearch-common"])
def test_after_a_failover_that_cuts_nobody_off_the_second_request_at_the_latest_is_right(
    loop: Background, valkey: PrivateValkey, replica: PrivateValkey, tmp_path: Path, name: str, *, linked: bool
) -> None:
    with scene(loop, valkey, ROUTES[name], tmp_path / "log", {}) as now:
        now.remember_permissions()
        assert now.ask()[0] == "200"
        fail_over(now, valkey, replica, linked=linked)
        now.ask()
        replica.client.srem(SIGNERS_KEY, SIGNERS[0])
        if linked:
            replica.client.wait(1, 2000)
        answer, outcome = now.ask()
        assert answer == "200"
        if name == "duplicate":
            assert '"exists":false' in outcome.result["body"]
        assert now.redis.requests > 0


def test_a_connection_does_not_stay_with_a_server_for_ever(
    loop: Background, valkey: PrivateValkey, replica: PrivateValkey, tmp_path: Path
) -> None:
    with scene(loop, valkey, ROUTES["duplicate"], tmp_path / "log", {"REDIS_CONNECTION_SECONDS": "0.2"}) as now:
        now.remember_permissions()
        assert now.ask()[0] == "200"
        now.redis.upstream = replica.port
        replica.client.replicaof("NO", "ONE")
        replica.client.srem(SIGNERS_KEY, SIGNERS[0])
        time.sleep(0.3)
        assert '"exists":false' in now.ask()[1].result["body"]
