"""Runs of the simulation, and what is read from each."""

import re
from dataclasses import dataclass, replace
from typing import Final

from bench.scale import assumptions as given
from bench.scale.assumptions import Day
from bench.scale.functions import processor_share
from bench.scale.measured import Times
from bench.scale.model import Limits, World
from tools.template import read_template

SEARCH, DUPLICATE, CHART = "/api/essearch-common", "/api/duplicate", "/api/charts/{id}"
PATHS: Final = (SEARCH, DUPLICATE, CHART)


def template_limits() -> Limits:
    """What template.yaml says of each route."""
    settings = read_template()["Resources"]["Api"]["Properties"]["RouteSettings"]
    by_path = {key.removeprefix("POST "): limits for key, limits in settings.items()}
    return Limits(
        rates={path: by_path[path]["ThrottlingRateLimit"] for path in PATHS},
        bursts={path: by_path[path]["ThrottlingBurstLimit"] for path in PATHS},
    )


@dataclass(frozen=True)
class Outcome:
    """The result of a run.

    Attributes:
        peak: the most requests in a second, by path; refused ones included.
        refused: of all requests, by what refused them.
        slowest: what one answer in a hundred takes, in seconds, by path.
        environments: of Lambda, at work at once.
        busy: the part of its time that each service worked.
        connections: to Redis.
    """

    clerks: int
    peak: dict[str, int]
    refused: dict[str, float]
    slowest: dict[str, float]
    environments: int
    busy: dict[str, float]
    connections: int
    logins: int


def run(day: Day, limits: Limits, measured: dict[str, Times]) -> Outcome:
    """Simulate a day's busiest minutes."""
    world = World(day, limits, measured)
    world.run()
    requests = sum(world.answered.values()) + sum(world.refused.values())
    span = day.start_seconds + day.seconds
    capacity = {"directus": limits.directus, "redis": 1, "postgrest": given.POSTGREST_POOL}
    return Outcome(
        clerks=day.clerks,
        peak={path: max(counts.values(), default=0) for path, counts in world.asked.items()},
        refused={reason: count / requests for reason, count in world.refused.most_common()},
        slowest={path: _percentile(taken, 0.99) for path, taken in world.seconds.items()},
        environments=world.account.peak,
        busy={name: world.busy[name] / span / of for name, of in capacity.items()},
        connections=world.connections,
        logins=world.logins,
    )


def sweep(clerks: tuple[int, ...], limits: Limits, measured: dict[str, Times], day: Day) -> list[Outcome]:
    """The same minutes with more and more clerks."""
    return [run(replace(day, clerks=each), limits, measured) for each in clerks]


def lift_route_limits(limits: Limits) -> Limits:
    """The same, with routes that only the account bounds."""
    account = dict.fromkeys(limits.rates, float(given.ACCOUNT_RATE))
    return replace(limits, rates=account, bursts=dict.fromkeys(limits.bursts, float(given.ACCOUNT_BURST)))


def route_of(reason: str) -> str | None:
    """The path that a reason for a refusal names."""
    found = re.search(r"/api/\S+", reason)
    return found[0] if found else None


def _percentile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


def concurrency(outcome: Outcome, measured: dict[str, Times]) -> float:
    """Environments at work in the busiest second once all are warm: those of a rush of cold starts are gone by then."""
    own = {path: measured[path].overhead / processor_share(path) + given.NEAR_SECONDS for path in PATHS}
    waiting = {
        SEARCH: given.FAR_SECONDS + measured[SEARCH].upstreams,
        DUPLICATE: measured[DUPLICATE].upstreams,
        CHART: 0.1,
    }
    return sum(outcome.peak[path] * (own[path] + waiting[path]) for path in PATHS)
