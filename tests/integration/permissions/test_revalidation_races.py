"""Interleavings of loads and revalidations, each forced, against the real server."""

from collections.abc import Callable

from redis import Redis

from petition.auth.permissions import drop, lease_key, tag
from tests.integration.permissions.fixtures import USER, Database, ask_for_version


def change_and_drop(redis: Redis, database: Database) -> None:
    """What an administrator and then the person do."""
    database.version += 1
    drop(USER, redis)


def test_a_load_that_began_before_a_revalidation_is_not_stored_after_it(redis: Redis, database: Database) -> None:
    database.meanwhile = lambda: change_and_drop(redis, database)
    assert ask_for_version(redis) == 0
    assert not redis.exists(tag(USER))
    assert ask_for_version(redis) == 1


def test_nor_over_the_permission_set_of_a_load_that_began_after_it(redis: Redis, database: Database) -> None:
    def meanwhile() -> None:
        change_and_drop(redis, database)
        assert ask_for_version(redis) == 1

    database.meanwhile = meanwhile
    assert ask_for_version(redis) == 0
    assert ask_for_version(redis) == 1
    assert database.loads == 2


def test_nor_while_a_load_that_began_after_it_is_under_way(redis: Redis, database: Database) -> None:
    """The late one ends inside the new one, whose lease stands: A begins, revalidation, B begins, A ends, B ends."""
    late_store: list[Callable[[], None]] = []
    _hold_back_the_first_store(redis, late_store)
    database.meanwhile = lambda: change_and_drop(redis, database)
    assert ask_for_version(redis) == 0
    database.meanwhile = late_store[0]
    assert ask_for_version(redis) == 1
    assert ask_for_version(redis) == 1
    assert database.loads == 2


def test_nor_long_after_when_everything_is_over(redis: Redis, database: Database) -> None:
    late_store: list[Callable[[], None]] = []
    _hold_back_the_first_store(redis, late_store)
    ask_for_version(redis)
    change_and_drop(redis, database)
    assert ask_for_version(redis) == 1
    late_store[0]()
    assert ask_for_version(redis) == 1


def test_two_revalidations_during_one_load_are_no_better(redis: Redis, database: Database) -> None:
    def meanwhile() -> None:
        change_and_drop(redis, database)
        database.meanwhile = lambda: change_and_drop(redis, database)
        assert ask_for_version(redis) == 1

    database.meanwhile = meanwhile
    assert ask_for_version(redis) == 0
    assert not redis.exists(tag(USER))
    assert ask_for_version(redis) == 2


def test_loads_at_once_share_a_lease_and_the_first_to_end_is_stored(redis: Redis, database: Database) -> None:
    database.meanwhile = lambda: ask_for_version(redis)
    ask_for_version(redis)
    assert ask_for_version(redis) == 0
    assert database.loads == 2


def test_a_revalidation_between_the_look_and_the_lease_does_not_hurt(redis: Redis, database: Database) -> None:
    with Redis(connection_pool=redis.connection_pool) as late:
        take_lease = late.pipeline

        def revalidate_first(**options: bool) -> object:
            change_and_drop(redis, database)
            return take_lease(**options)

        late.pipeline = revalidate_first
        assert ask_for_version(late) == 1
    assert ask_for_version(redis) == 1
    assert database.loads == 1


def test_a_load_that_outlives_its_lease_is_not_stored(redis: Redis, database: Database) -> None:
    database.meanwhile = lambda: redis.delete(lease_key(USER))
    assert ask_for_version(redis) == 0
    assert not redis.exists(tag(USER))


def test_nor_when_another_lease_stands_in_its_place(redis: Redis, database: Database) -> None:
    database.meanwhile = lambda: redis.set(lease_key(USER), "another")
    assert ask_for_version(redis) == 0
    assert not redis.exists(tag(USER))


def _hold_back_the_first_store(redis: Redis, late: list[Callable[[], None]]) -> None:
    """Keep the first store from reaching the server until `late[0]()`, as a slow network would."""
    send = redis.eval

    def hold(*arguments: object) -> None:
        late.append(lambda: send(*arguments))  # type: ignore[arg-type]
        redis.eval = send  # type: ignore[method-assign]

    redis.eval = hold  # type: ignore[method-assign,assignment]
