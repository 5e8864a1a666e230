"""Random interleavings of loads, revalidations, changes and evictions, step by step, against the real server.

Requests run the layer's own code in threads that stop before each thing they do outside; the state machine decides
whose step is next.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from redis import Redis
from redis.connection import Connection

from petition.auth.permissions import drop, lease_key, tag
from petition.clients import supabase
from tests.integration.permissions.fixtures import USER, Database, ask_for_version, client
from tests.private_valkey import PrivateValkey
from tests.thoroughness import times

STEP_SECONDS = 5
_now_stepping = threading.local()


class SteppedThread(threading.Thread):
    """Code that stops before each outside action until it is told to go on."""

    def __init__(self, action: Callable[[], int]) -> None:
        super().__init__(daemon=True)
        self._action = action
        self._go = threading.Semaphore(0)
        self._stopped = threading.Semaphore(0)
        self.result: int | None = None
        self.failure: BaseException | None = None

    @classmethod
    def begin(cls, action: Callable[[], int]) -> Self:
        thread = cls(action)
        thread.start()
        thread._wait()
        return thread

    @property
    def is_over(self) -> bool:
        return self.result is not None or self.failure is not None

    def run(self) -> None:
        _now_stepping.thread = self
        try:
            self.result = self._action()
        except BaseException as error:  # noqa: BLE001 - shown by the test's own thread
            self.failure = error
        self._stopped.release()

    def pause(self) -> None:
        self._stopped.release()
        assert self._go.acquire(timeout=STEP_SECONDS)

    def advance(self) -> None:
        self._go.release()
        self._wait()

    def _wait(self) -> None:
        assert self._stopped.acquire(timeout=STEP_SECONDS)
        if self.failure:
            raise self.failure


def before_the_next_step() -> None:
    """Stop here, when a state machine is stepping through."""
    thread: SteppedThread | None = getattr(_now_stepping, "thread", None)
    if thread:
        thread.pause()


class SteppedConnection(Connection):
    """A connection that stops before each round trip: one command, or a whole pipeline."""

    def send_packed_command(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - passed on
        before_the_next_step()
        super().send_packed_command(*arguments, **options)  # type: ignore[no-untyped-call]  # redis-py leaves it so


class SteppedDatabase(Database):
    """A database that stops before it is asked, and again before it answers."""

    def before_read(self) -> None:
        before_the_next_step()

    def after_read(self) -> None:
        before_the_next_step()


@dataclass
class Request:
    """A request under way, and the oldest version that may answer it."""

    thread: SteppedThread
    oldest: int


@dataclass
class Revalidation:
    """A revalidation under way, and the version that stood when it began."""

    thread: SteppedThread
    version: int


@dataclass
class History:
    """Whether the machine reached what it is for."""

    stale_loads: int = 0
    answers: int = field(default=0)


class Orders(RuleBasedStateMachine):
    """Once a revalidation has answered, no later request sees what was before it."""

    redis: Redis
    database: SteppedDatabase
    history: History

    def __init__(self) -> None:
        super().__init__()
        self.redis.flushall()
        self.database.version = 0
        self.revalidated = 0
        self.requests: list[Request] = []
        self.revalidations: list[Revalidation] = []

    @rule()
    def an_administrator_changes_a_role(self) -> None:
        self.database.version += 1

    @precondition(lambda self: len(self.requests) < 5)
    @rule()
    def a_request_begins(self) -> None:
        self.requests.append(Request(SteppedThread.begin(lambda: ask_for_version(self.redis)), self.revalidated))

    @precondition(lambda self: len(self.revalidations) < 2)
    @rule()
    def a_revalidation_begins(self) -> None:
        version = self.database.version
        self.revalidations.append(Revalidation(SteppedThread.begin(self._drop), version))

    @precondition(lambda self: self.requests)
    @rule(choice=st.integers(0, 4))
    def a_request_goes_on(self, choice: int) -> None:
        self._advance_request(self.requests[choice % len(self.requests)])

    @precondition(lambda self: self.revalidations)
    @rule(choice=st.integers(0, 1))
    def a_revalidation_goes_on(self, choice: int) -> None:
        self._advance_revalidation(self.revalidations[choice % len(self.revalidations)])

    @rule(key=st.sampled_from([tag(USER), lease_key(USER)]))
    def evict_a_key(self, key: str) -> None:
        self.redis.delete(key)

    @invariant()
    def nothing_cached_is_older_than_the_last_revalidation(self) -> None:
        if self.redis.exists(tag(USER)):
            oldest = self.revalidated
            assert ask_for_version(self.redis) >= oldest

    def teardown(self) -> None:
        for request in list(self.requests):
            while request in self.requests:
                self._advance_request(request)
        for revalidation in list(self.revalidations):
            while revalidation in self.revalidations:
                self._advance_revalidation(revalidation)
        assert ask_for_version(self.redis) >= self.revalidated

    def _drop(self) -> int:
        drop(USER, self.redis)
        return 0

    def _advance_request(self, request: Request) -> None:
        request.thread.advance()
        if request.thread.result is not None:
            self.requests.remove(request)
            self.history.answers += 1
            self.history.stale_loads += request.thread.result < self.revalidated
            assert request.thread.result >= request.oldest

    def _advance_revalidation(self, revalidation: Revalidation) -> None:
        revalidation.thread.advance()
        if revalidation.thread.is_over:
            self.revalidations.remove(revalidation)
            self.revalidated = max(self.revalidated, revalidation.version)


def test_whatever_the_order_nothing_older_than_a_revalidation_answers_after_it(
    server: PrivateValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History()
    with client(server) as redis:
        redis.connection_pool.connection_class = SteppedConnection
        database = SteppedDatabase()
        monkeypatch.setattr(supabase, "rpc", database.rpc)
        machine = type("Machine", (Orders,), {"redis": redis, "database": database, "history": history})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=times(600), stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
    assert history.answers > 100
    assert history.stale_loads > 10, "the machine never made a load overlap with a revalidation"
