"""A process that answers for a long time holds no more in the end than at its beginning."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.faults.http_faults import close, reset_midway, says, surplus
from tests.integration.faults.matrix import STALE
from tests.integration.faults.scene import ROUTES, SIGNERS, Scene, scene
from tests.integration.faults.servers import background
from tests.integration.faults.services import CAMPAIGN
from tests.private_valkey import PrivateValkey
from tests.thoroughness import times

REQUESTS = times(3000)
ROUNDS = 3
# What the allocator keeps for later, and pages that a fork shared at first.
GROWTH_BYTES = 12 * 1024 * 1024


@pytest.fixture
def now(valkey: PrivateValkey, tmp_path: Path) -> Iterator[Scene]:
    valkey.client.sadd(f"campaign:{CAMPAIGN}:signers", *SIGNERS)
    with background() as loop, scene(loop, valkey, ROUTES["essearch-common"], tmp_path / "log", {}) as running:
        running.remember_permissions()
        yield running


def ask_many(now: Scene, number: int) -> None:
    """Mixed requests: good ones, and each hundredth with a fault."""
    faults = [says(500, {}), close, reset_midway, surplus(now.directus.answer, STALE.encode())]
    routes = [ROUTES[name] for name in ("essearch-common", "essearch", "duplicate", "revalidate", "chart")]
    for turn in range(number):
        now.route = routes[turn % len(routes)]
        now.directus.fault = faults[turn // 100 % len(faults)] if turn % 100 == 0 else None
        if turn % 50 == 1:
            now.forget_permissions()
        now.ask()


def test_memory_sockets_and_threads_stay_what_they_were(now: Scene) -> None:
    ask_many(now, REQUESTS // (ROUNDS + 1))
    memory, sockets = now.process.resident_bytes, now.process.sockets
    for _ in range(ROUNDS):
        ask_many(now, REQUESTS // (ROUNDS + 1))
    assert now.process.resident_bytes < memory + GROWTH_BYTES
    assert now.process.sockets <= sockets + 1
    assert now.process.threads == 1
    assert now.leaks(sockets) == ""
