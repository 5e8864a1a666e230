"""The simulation of a collection day: its parts, and what the template takes from it."""

from dataclasses import asdict

import pytest
import simpy

from bench.report import Row
from bench.scale import assumptions as given
from bench.scale.assumptions import Day
from bench.scale.costs import CHECKS, costs, job_table
from bench.scale.functions import jobs, polled_queues, processor_share
from bench.scale.measured import Times, read_service_times, times
from bench.scale.model import Account, Bucket, Function, Limits
from bench.scale.runs import (
    CHART,
    DUPLICATE,
    PATHS,
    SEARCH,
    Outcome,
    lift_route_limits,
    run,
    template_limits,
)
from local.gateway.template import load
from tools.artifact import ROOT
from tools.template import TEMPLATE, read_template

QUICK = {path: Times(cold=0.2, overhead=0.0001, upstreams=0.003) for path in PATHS}
SMALL = Day(clerks=60, line_seconds=3.0, start_seconds=5.0, seconds=20.0, organizers=5)


def limits(rate: float = 1000.0, *, directus: int = 2, reserved: int | None = None) -> Limits:
    return Limits(
        rates=dict.fromkeys(PATHS, rate),
        bursts=dict.fromkeys(PATHS, rate * 2),
        reserved={SEARCH: reserved},
        directus=directus,
    )


def test_a_bucket_lets_a_burst_through_and_then_its_rate() -> None:
    environment = simpy.Environment()
    bucket = Bucket(environment, rate=10, burst=5)

    assert [bucket.take() for _ in range(6)] == [True] * 5 + [False]
    environment.run(until=0.1)
    assert [bucket.take() for _ in range(2)] == [True, False]


def test_a_warm_environment_is_used_again_and_an_idle_one_ends() -> None:
    environment = simpy.Environment()
    function = Function(environment, Account(), None)

    assert function.acquire() == "cold"
    function.release()
    assert function.acquire() == "warm"
    function.release()
    environment.run(until=given.IDLE_SECONDS + 1)
    assert function.acquire() == "cold"


def test_what_is_reserved_and_what_the_account_has_bounds_a_function() -> None:
    environment, account = simpy.Environment(), Account(running=given.ACCOUNT_CONCURRENCY - 2)
    function, bounded = Function(environment, account, None), Function(environment, account, 1)

    assert (bounded.acquire(), bounded.acquire()) == ("cold", "reserved")
    assert (function.acquire(), function.acquire()) == ("cold", "concurrency")


def test_lambda_makes_so_many_environments_in_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given, "SCALING", 2)
    environment = simpy.Environment()
    function = Function(environment, Account(), None)

    assert [function.acquire() for _ in range(3)] == ["cold", "cold", "scaling"]
    environment.run(until=given.SCALING_SECONDS + 1)
    assert function.acquire() == "cold"


def test_a_day_within_all_limits_refuses_nobody_and_can_be_repeated() -> None:
    first, again = run(SMALL, limits(), QUICK), run(SMALL, limits(), QUICK)

    assert first == again
    assert first.refused == {}
    assert first.peak[SEARCH] > first.peak[DUPLICATE] * 0.8
    assert 0 < first.busy["directus"] < 0.2


@pytest.mark.parametrize(
    ("narrow", "reason"),
    [
        (limits(rate=2.0), "the template's limit on /api/essearch-common"),
        (limits(reserved=1), "the concurrency reserved for /api/essearch-common"),
    ],
)
def test_a_limit_that_is_met_is_named(narrow: Limits, reason: str) -> None:
    assert next(iter(run(SMALL, narrow, QUICK).refused)) == reason


def test_a_directus_that_is_too_small_makes_searches_slow() -> None:
    heavy = QUICK | {SEARCH: Times(cold=0.2, overhead=0.0001, upstreams=0.2)}

    assert (
        run(SMALL, limits(directus=1), heavy).slowest[SEARCH]
        > 3 * run(SMALL, limits(directus=30), heavy).slowest[SEARCH]
    )


@pytest.fixture(scope="module")
def busiest() -> Outcome:
    """The outcome of 2,000 clerks without limits on routes, in fewer seconds than docs/scale.md simulates."""
    return run(Day(seconds=30.0), lift_route_limits(template_limits()), read_service_times().times)


@pytest.mark.parametrize("path", [SEARCH, DUPLICATE])
def test_the_templates_limits_are_set_from_the_day(busiest: Outcome, path: str) -> None:
    limits = template_limits()

    assert 1.4 * busiest.peak[path] <= limits.rates[path] <= 2.2 * busiest.peak[path]
    assert limits.bursts[path] == 2 * limits.rates[path]


def test_charts_that_callers_ask_for_are_within_their_limit(busiest: Outcome) -> None:
    assert busiest.peak[CHART] <= template_limits().rates[CHART]


def test_two_processes_of_directus_bear_what_the_template_lets_through() -> None:
    assert template_limits().rates[SEARCH] * read_service_times().times[SEARCH].upstreams < template_limits().directus


def test_service_times_are_read_from_the_benchmark() -> None:
    measured = {
        "cold start": "1,178 ms",
        "warm overhead p50": "0.5 ms",
        "warm request p50, round trips included": "2.5 ms",
    }
    rows = [Row(name, DUPLICATE, ours) for name, ours in measured.items()]

    assert asdict(times(rows, DUPLICATE)) == pytest.approx({"cold": 1.178, "overhead": 0.0005, "upstreams": 0.002})
    with pytest.raises(LookupError):
        times(rows, SEARCH)
    with pytest.raises(LookupError):
        times([*rows, Row("cold start", DUPLICATE, "quick")], DUPLICATE)


def test_a_hundred_times_the_checks_cost_more_but_not_a_hundred_times() -> None:
    small, large = (sum(each.dollars[place] for each in costs()) for place in range(len(CHECKS)))

    assert small < large < 100 * small


def test_a_route_has_the_processor_that_its_memory_brings() -> None:
    assert processor_share(DUPLICATE) == 1
    assert processor_share(SEARCH) == pytest.approx(1024 / 1769)


def test_what_runs_by_itself_runs_as_often_as_the_template_says() -> None:
    runs = {job.name: job.runs for job in jobs()}

    assert runs["SignersSyncFunction"] == 30 * 24 * 60
    assert runs["SearchKeysFunction"] == 30 * 24 * 4
    assert polled_queues() == 2


def test_every_function_of_the_template_has_its_costs() -> None:
    template = read_template()["Resources"]
    functions = {name for name, each in template.items() if each["Type"] == "AWS::Serverless::Function"}
    routes = {route.function for route in load(TEMPLATE).routes}

    assert {job.name for job in jobs()} == functions - routes


def test_the_page_says_what_runs_by_itself_costs() -> None:
    assert job_table() in (ROOT / "docs" / "performance.md").read_text()
