"""The cached permission set: stored, used, dropped; and what happens when one side is unavailable."""

import json
from collections.abc import Iterator

import pytest
from redis import Redis, ResponseError
from redis.connection import Connection

from petition.auth.lease import LEASE_SECONDS
from petition.auth.permissions import PermissionSet, authorize, drop, lease_key, tag
from petition.auth.session import Session
from petition.deadline import Deadline
from petition.errors import Forbidden, PetitionError, RedisUnavailable, UpstreamError, UpstreamTimeout
from petition.validation import JsonValue
from tests.integration.permissions.fixtures import SESSION, USER, Database, ask_for_version, client
from tests.private_valkey import PrivateValkey

IS_MEMBER = ("SISMEMBER", "campaign:1:signers", "7")


def test_a_permission_set_is_loaded_once(redis: Redis, database: Database) -> None:
    assert {ask_for_version(redis) for _ in range(20)} == {0}
    assert database.loads == 1


def test_it_lies_under_the_key_of_the_contract_as_json_with_a_ttl(redis: Redis) -> None:
    ask_for_version(redis)
    assert json.loads(str(redis.get(f"permissions-{USER}")))["permissions"] == ["voters:search"]
    assert 290 <= int(str(redis.ttl(f"permissions-{USER}"))) <= 300


def test_the_ttl_is_a_setting(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERMISSIONS_TTL_SECONDS", "20")
    ask_for_version(redis)
    assert 10 <= int(str(redis.ttl(tag(USER)))) <= 20


def test_nothing_else_is_left_behind(redis: Redis) -> None:
    ask_for_version(redis)
    assert redis.keys() == [tag(USER)]


def test_a_lease_ends_by_itself_when_its_load_dies(redis: Redis, database: Database) -> None:
    database.failure = UpstreamTimeout()
    with pytest.raises(UpstreamTimeout):
        ask_for_version(redis)
    assert 0 < int(str(redis.ttl(lease_key(USER)))) <= LEASE_SECONDS


def test_after_a_drop_it_is_loaded_anew(redis: Redis, database: Database) -> None:
    ask_for_version(redis)
    database.version = 1
    assert ask_for_version(redis) == 0
    drop(USER, redis)
    assert ask_for_version(redis) == 1


def test_dropping_twice_or_nothing_is_safe(redis: Redis) -> None:
    drop(USER, redis)
    drop(USER, redis)


def test_a_drop_is_one_command_and_leaves_others_alone(redis: Redis) -> None:
    redis.set(tag("other"), "x")
    ask_for_version(redis)
    redis.config_resetstat()
    drop(USER, redis)
    assert _commands(redis) == {"del": 1}
    assert redis.keys() == [tag("other")]


def test_a_permission_that_is_not_held_is_refused(redis: Redis, database: Database) -> None:
    for _ in range(2):  # from the database, then from the cache
        with pytest.raises(Forbidden):
            authorize(SESSION, "signers:check", redis=redis, deadline=Deadline(5), prefetch=[IS_MEMBER])
    assert database.loads == 1


def test_somebody_without_any_permission_is_cached_too(redis: Redis, database: Database) -> None:
    database.permissions = []
    for _ in range(5):
        with pytest.raises(Forbidden):
            ask_for_version(redis)
    assert database.loads == 1


# --- cost


@pytest.fixture
def packets(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """What is sent to Redis, one entry a round trip."""
    sent: list[object] = []
    send = Connection.send_packed_command

    def record(connection: Connection, command: object, **options: object) -> None:
        sent.append(command)
        send(connection, command, **options)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(Connection, "send_packed_command", record)
    return iter([sent])


def test_authorizing_a_duplicate_check_adds_no_round_trip_to_it(redis: Redis, packets: Iterator[list[object]]) -> None:
    redis.sadd("campaign:1:signers", "7")
    ask_for_version(redis)
    redis.config_resetstat()
    sent = next(packets)
    sent.clear()
    found = authorize(SESSION, "voters:search", redis=redis, deadline=Deadline(5), prefetch=[IS_MEMBER])
    assert len(sent) == 1
    assert found.replies == [1]
    assert _commands(redis) == {"get": 1, "sismember": 1}


def test_the_replies_come_along_when_the_permission_set_had_to_be_loaded(redis: Redis) -> None:
    redis.sadd("campaign:1:signers", "7")
    found = authorize(
        SESSION, "voters:search", redis=redis, deadline=Deadline(5), prefetch=[IS_MEMBER, ("SCARD", IS_MEMBER[1])]
    )
    assert found.replies == [1, 1]


def _commands(redis: Redis) -> dict[str, int]:
    stats = redis.info("commandstats")
    assert isinstance(stats, dict)
    counted = {name.removeprefix("cmdstat_"): int(stat["calls"]) for name, stat in stats.items()}
    return {name: calls for name, calls in counted.items() if name not in {"config|resetstat", "info"}}


# --- something else under the keys


def _permission_set(**changed: JsonValue) -> str:
    usual: dict[str, JsonValue] = {"userId": USER, "roles": [], "permissions": ["voters:search"], "campaigns": {}}
    return json.dumps(usual | changed)


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\xff\xfe\x00",
        b"not JSON",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        _permission_set()[:-1].encode(),
        _permission_set(userId="11111111-1111-4111-8111-111111111111").encode(),
        _permission_set(userId=None).encode(),
        _permission_set(permissions="voters:search").encode(),
        _permission_set(permissions={"voters:search": True}).encode(),
        _permission_set(permissions=None).encode(),
        _permission_set(roles=None).encode(),
        _permission_set(campaigns=[]).encode(),
    ],
    ids=repr,
)
def test_garbage_in_the_cache_is_not_believed_and_overwritten(redis: Redis, database: Database, garbage: bytes) -> None:
    redis.set(tag(USER), garbage)
    redis.sadd("campaign:1:signers", "7")
    assert ask_for_version(redis, IS_MEMBER) == 0
    assert ask_for_version(redis, IS_MEMBER) == 0
    assert database.loads == 1
    assert redis.sismember("campaign:1:signers", "7") == 1


@pytest.mark.parametrize("command", ["RPUSH", "SADD"])
def test_another_type_under_the_sets_key_is_overwritten(redis: Redis, database: Database, command: str) -> None:
    redis.execute_command(command, tag(USER), "x")  # type: ignore[no-untyped-call]
    assert ask_for_version(redis) == 0
    assert ask_for_version(redis) == 0
    assert database.loads == 1


@pytest.mark.parametrize("garbage", [b"\xff\xfe", b"", b"x" * 100_000])
def test_a_lease_of_any_bytes_is_a_lease(redis: Redis, garbage: bytes) -> None:
    redis.set(lease_key(USER), garbage)
    assert ask_for_version(redis) == 0
    assert redis.ping()


def test_another_type_under_the_leases_key_only_keeps_the_set_from_being_stored(redis: Redis) -> None:
    redis.rpush(lease_key(USER), "x")
    assert ask_for_version(redis) == 0
    assert not redis.exists(tag(USER))
    drop(USER, redis)
    ask_for_version(redis)
    assert redis.exists(tag(USER))


def test_a_command_alongside_that_fails_is_not_taken_for_an_answer(redis: Redis) -> None:
    redis.set("campaign:1:signers", "no set")
    with pytest.raises((RedisUnavailable, ResponseError)):
        ask_for_version(redis, IS_MEMBER)


# --- one side is unavailable


def test_without_redis_the_permission_set_is_loaded_each_time_and_the_request_goes_on(database: Database) -> None:
    with unreachable_redis() as redis:
        assert [ask_for_version(redis), ask_for_version(redis)] == [0, 0]
    assert database.loads == 2


def test_without_redis_a_permission_is_still_needed(database: Database) -> None:
    database.permissions = []
    with unreachable_redis() as redis, pytest.raises(Forbidden):
        ask_for_version(redis)


def test_without_redis_a_command_alongside_cannot_be_answered(database: Database) -> None:
    with unreachable_redis() as redis, pytest.raises(RedisUnavailable) as caught:
        ask_for_version(redis, IS_MEMBER)
    assert caught.value.retry_after
    assert database.loads == 0


def test_without_redis_a_drop_says_so() -> None:
    with unreachable_redis() as redis, pytest.raises(RedisUnavailable):
        drop(USER, redis)


def unreachable_redis() -> Redis:
    with PrivateValkey() as server:
        redis = client(server)
        redis.ping()
    return redis


def test_redis_dying_during_the_load_does_no_harm(database: Database) -> None:
    with PrivateValkey() as server, client(server) as redis:
        database.meanwhile = server.kill
        assert ask_for_version(redis) == 0


@pytest.mark.parametrize("failure", [UpstreamError(), UpstreamTimeout()])
def test_without_supabase_a_cached_set_goes_on(redis: Redis, database: Database, failure: PetitionError) -> None:
    ask_for_version(redis)
    database.failure = failure
    assert ask_for_version(redis) == 0


@pytest.mark.parametrize("failure", [UpstreamError(), UpstreamTimeout()])
def test_without_supabase_and_nothing_cached_nobody_gets_in(
    redis: Redis, database: Database, failure: PetitionError
) -> None:
    database.failure = failure
    with pytest.raises(type(failure)):
        ask_for_version(redis, IS_MEMBER)
    assert not redis.exists(tag(USER))


def test_somebody_elses_permission_set_from_supabase_is_refused(
    redis: Redis, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = Session("11111111-1111-4111-8111-111111111111", expires=4e9)
    answer = database.rpc("permissions_snapshot", {"user_id": USER}, PermissionSet, timeout=1)
    monkeypatch.setattr("petition.clients.supabase.rpc", lambda *_, **__: answer)
    with pytest.raises(UpstreamError):
        authorize(stranger, "voters:search", redis=redis, deadline=Deadline(5))


def test_a_full_redis_only_costs_the_cache(redis: Redis) -> None:
    redis.config_set("maxmemory", "1")
    try:
        assert ask_for_version(redis) == 0
    finally:
        redis.config_set("maxmemory", "0")
