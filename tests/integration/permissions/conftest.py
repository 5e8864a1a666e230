"""A real Valkey, empty at the start of each test, in front of a database that a test can change."""

from collections.abc import Iterator

import pytest
from redis import Redis

from petition import permissions, supabase
from tests.integration.permissions.world import Database, Server, running


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    with running() as started:
        yield started


@pytest.fixture
def redis(server: Server) -> Iterator[Redis]:
    with server.client(Redis) as client:
        client.flushall()
        yield client


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    found = Database()
    monkeypatch.setattr(supabase, "rpc", found.rpc)
    permissions._settings.cache_clear()
    return found
