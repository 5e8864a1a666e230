"""Sixteen clients change, revalidate and read at once, ten thousand times."""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from petition.auth.permissions import drop
from petition.clients import supabase
from tests.integration.permissions.fixtures import USER, Database, ask_for_version, client
from tests.private_valkey import PrivateValkey

CLIENTS = 16
ROUNDS = 10_000


class SlowDatabase(Database):
    """A database whose answers take a while, so that loads and revalidations overlap."""

    def after_read(self) -> None:
        time.sleep(0.0002)
        super().after_read()


@pytest.mark.usefixtures("redis")  # empties the server
def test_no_request_is_answered_from_before_a_revalidation_that_was_over(
    server: PrivateValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = SlowDatabase()
    monkeypatch.setattr(supabase, "rpc", database.rpc)
    versions, rounds = itertools.count(1), iter(range(ROUNDS))
    lock = threading.Lock()
    revalidated = 0

    def change() -> int:
        with lock:
            database.version = next(versions)
            return database.version

    def work(_: int) -> int:
        nonlocal revalidated
        done = 0
        with client(server) as redis:
            for _ in rounds:
                version = change()
                drop(USER, redis)
                with lock:
                    revalidated = max(revalidated, version)
                for _ in range(2):
                    oldest = revalidated
                    assert ask_for_version(redis) >= oldest
                done += 1
        return done

    with ThreadPoolExecutor(CLIENTS) as clients:
        assert sum(clients.map(work, range(CLIENTS))) == ROUNDS
    assert database.loads < 2 * ROUNDS, "nothing was ever answered from the cache"
