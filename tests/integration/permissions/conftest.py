"""Two sets of fixtures: a real Valkey before a database that a test can change, and the whole stack."""

from collections.abc import Iterator

import pytest
from redis import Redis

from local.description import SupabaseAccess
from petition.auth import permissions
from petition.clients import supabase as supabase_client
from tests.integration.permissions.accounts import Member, Rest
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
def service(supabase: SupabaseAccess) -> Rest:
    return Rest(supabase.url, supabase.secret_key)


@pytest.fixture
def nobody(supabase: SupabaseAccess) -> Rest:
    return Rest(supabase.url, supabase.publishable_key)


@pytest.fixture
def member(supabase: SupabaseAccess) -> Member:
    return Member.new(supabase)


@pytest.fixture
def somebody(supabase: SupabaseAccess, member: Member) -> Rest:
    return Rest(supabase.url, supabase.publishable_key, member.token)
