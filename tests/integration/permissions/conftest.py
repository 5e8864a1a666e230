"""Two sets of fixtures: a real Valkey before a database that a test can change, and the whole stack."""

from collections.abc import Iterator

import pytest
from redis import Redis

from local.description import SupabaseAccess
from local.project import connect
from petition.auth import permissions
from petition.clients import supabase as supabase_client
from supabase import Client
from tests.integration.permissions.accounts import Member, sign_up
from tests.integration.permissions.fixtures import Database, client
from tests.private_valkey import PrivateValkey


@pytest.fixture(scope="package")
def server() -> Iterator[PrivateValkey]:
    with PrivateValkey() as started:
        yield started


@pytest.fixture
def redis(server: PrivateValkey) -> Iterator[Redis]:
    with client(server) as connected:
        connected.flushall()
        yield connected


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    found = Database()
    monkeypatch.setattr(supabase_client, "rpc", found.rpc)
    permissions.permission_settings.cache_clear()
    return found


@pytest.fixture
def service(supabase: SupabaseAccess) -> Iterator[Client]:
    with connect(supabase.url, supabase.secret_key) as client:
        yield client


@pytest.fixture
def nobody(supabase: SupabaseAccess) -> Iterator[Client]:
    with connect(supabase.url, supabase.publishable_key) as client:
        yield client


@pytest.fixture
def member(supabase: SupabaseAccess) -> Iterator[Member]:
    with sign_up(supabase) as member:
        yield member
