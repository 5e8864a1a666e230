"""Requests on their way: API Gateway's buckets, Lambda's execution environments, and the services behind them."""

import random
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import simpy

from bench.scale import assumptions as given
from bench.scale.assumptions import Day
from bench.scale.functions import processor_share
from bench.scale.measured import Times

type Step = Generator[simpy.Event, Any]


@dataclass(frozen=True)
class Limits:
    """What the template and the operator decide.

    Attributes:
        rates: requests a second of each route, by path.
        bursts: what each route's bucket holds above it.
        reserved: environments that a route may have at most; None where only the account bounds them.
        directus: its processes, one core each.
        redis: connections that it takes.
    """

    rates: dict[str, float]
    bursts: dict[str, float]
    reserved: dict[str, int | None] = field(default_factory=dict)
    directus: int = 2
    redis: int = 10_000


class Bucket:
    """API Gateway's: so many requests a second, and so many at once."""

    def __init__(self, environment: simpy.Environment, rate: float, burst: float) -> None:
        self._environment, self._rate, self._burst = environment, rate, burst
        self._level, self._at = burst, 0.0

    def take(self) -> bool:
        """Whether there is room for one more."""
        now = self._environment.now
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True


@dataclass
class Account:
    """The execution environments of all functions that run at once."""

    running: int = 0
    peak: int = 0


class Function:
    """The execution environments of one function. The one that became idle last is used first."""

    def __init__(self, environment: simpy.Environment, account: Account, most: int | None) -> None:
        self._environment, self._account, self._most = environment, account, most
        self._idle: list[float] = []
        self._starts: list[float] = []
        self.running = self.peak = self.cold = 0

    @property
    def environments(self) -> int:
        """How many exist, busy or idle."""
        return self.running + len(self._idle)

    def acquire(self) -> str:
        """`warm` or `cold`, or why there is none: `reserved`, `concurrency`, `scaling`."""
        now = self._environment.now
        if self._most is not None and self.running >= self._most:
            return "reserved"
        if self._account.running >= given.ACCOUNT_CONCURRENCY:
            return "concurrency"
        self._idle = [until for until in self._idle if until > now]
        if self._idle:
            self._idle.pop()
            return self._begin("warm")
        self._starts = [start for start in self._starts if start > now - given.SCALING_SECONDS]
        if len(self._starts) >= given.SCALING:
            return "scaling"
        self._starts.append(now)
        self.cold += 1
        return self._begin("cold")

    def release(self) -> None:
        """Its request is answered: it waits for another."""
        self.running -= 1
        self._account.running -= 1
        self._idle.append(self._environment.now + given.IDLE_SECONDS)

    def _begin(self, how: str) -> str:
        self._account.running += 1
        self._account.peak = max(self._account.peak, self._account.running)
        self.running += 1
        self.peak = max(self.peak, self.running)
        return how


class World:
    """A deployment under load."""

    def __init__(self, day: Day, limits: Limits, times: dict[str, Times], seed: int = 1) -> None:
        self.day, self._limits, self._times = day, limits, times
        self._random = random.Random(seed)  # noqa: S311 - a simulation that can be repeated
        self.environment = simpy.Environment()
        self._account_bucket = Bucket(self.environment, given.ACCOUNT_RATE, given.ACCOUNT_BURST)
        self._buckets = {p: Bucket(self.environment, r, limits.bursts[p]) for p, r in limits.rates.items()}
        self.account = Account()
        self.functions = {
            path: Function(self.environment, self.account, limits.reserved.get(path)) for path in limits.rates
        }
        self._shares = {path: processor_share(path) for path in limits.rates}
        self._directus = simpy.Resource(self.environment, limits.directus)
        self._redis = simpy.Resource(self.environment, 1)
        self._postgrest = simpy.Resource(self.environment, given.POSTGREST_POOL)
        self.refused: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.seconds: dict[str, list[float]] = {path: [] for path in limits.rates}
        self.asked: dict[str, Counter[int]] = {path: Counter() for path in limits.rates}
        self.busy: dict[str, float] = {"directus": 0.0, "redis": 0.0, "postgrest": 0.0}
        self.connections = self.logins = 0

    def run(self) -> None:
        """Simulate the day's busiest minutes."""
        for _ in range(self.day.clerks):
            self.environment.process(self._clerk())
        for _ in range(self.day.organizers):
            self.environment.process(self._organizer())
        self.environment.run(self.day.start_seconds + self.day.seconds)

    def _clerk(self) -> Step:
        yield self.environment.timeout(self._random.uniform(0, self.day.start_seconds))
        while True:
            for _ in range(self._count(self.day.searches)):
                yield from self._request("/api/essearch-common")
            yield from self._request("/api/duplicate")
            yield self.environment.timeout(self._random.expovariate(1 / self.day.line_seconds))

    def _organizer(self) -> Step:
        while True:
            yield self.environment.timeout(self._random.expovariate(1 / 600))
            yield from self._request("/api/charts/{id}")

    def _count(self, mean: float) -> int:
        return int(mean) + (self._random.random() < mean % 1)

    def _request(self, path: str) -> Step:
        began = self.environment.now
        self.asked[path][int(began)] += 1
        if not self._account_bucket.take():
            return self._refuse("API Gateway's account rate")
        if not self._buckets[path].take():
            return self._refuse(f"the template's limit on {path}")
        how = self.functions[path].acquire()
        if how not in {"warm", "cold"}:
            return self._refuse(REASONS[how].format(path=path))
        try:
            yield from self._work(path, how)
        finally:
            self.functions[path].release()
        self.answered[path] += 1
        self.seconds[path].append(self.environment.now - began)
        return None

    def _refuse(self, reason: str) -> None:
        self.refused[reason] += 1

    def _work(self, path: str, how: str) -> Step:
        own, searching = self._times[path], path.startswith("/api/essearch")
        self.connections = max(self.connections, sum(each.environments for each in self.functions.values()))
        if how == "cold":
            yield self.environment.timeout(own.cold)
            if searching:
                self.logins += 1
                yield from self._use(self._directus, "directus", given.FAR_SECONDS, self._draw_duration(own.upstreams))
                yield self.environment.timeout(given.LOGIN_SECONDS)
        yield self.environment.timeout(self._draw_duration(own.overhead / self._shares[path]))
        redis = self._times["/api/duplicate"].upstreams
        yield from self._use(self._redis, "redis", given.NEAR_SECONDS, self._draw_duration(redis))
        if searching:
            yield from self._use(self._directus, "directus", given.FAR_SECONDS, self._draw_duration(own.upstreams))
        elif path.startswith("/api/charts"):
            yield from self._use(self._postgrest, "postgrest", given.FAR_SECONDS, self._draw_duration(own.upstreams))

    def _use(self, resource: simpy.Resource, name: str, trip: float, seconds: float) -> Step:
        """A round trip to a service, and its work once it is our turn."""
        yield self.environment.timeout(trip)
        with resource.request() as turn:
            yield turn
            yield self.environment.timeout(seconds)
            self.busy[name] += seconds

    def _draw_duration(self, mean: float) -> float:
        """Most are quicker than the mean, and a few much slower."""
        return self._random.expovariate(1 / mean)


REASONS = {
    "reserved": "the concurrency reserved for {path}",
    "concurrency": "the account's concurrency",
    "scaling": "Lambda's scaling of {path}",
}
