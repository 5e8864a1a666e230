"""What template.yaml gives the functions: memory, processor, and how often what runs by itself runs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from bench.scale import assumptions as given
from local.demo import charts
from tools.template import read_template

# Lambda gives a function of 1,769 MB one processor, and less in proportion.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
WHOLE_PROCESSOR_MB: Final = 1769
MB_IN_GB: Final = 1024
MONTH_SECONDS: Final = 30 * 86_400
UNITS: Final = {"minute": 60, "hour": 3600, "day": 86_400}
# What a run is billed for: most of it is waiting for Supabase, Directus, Redis or SQS.
RUN_SECONDS: Final = 0.5
CHART_SECONDS: Final = 0.1


@dataclass(frozen=True)
class Job:
    """What runs by itself: how often a month, the seconds that a run is billed for, and with how much memory."""

    name: str
    runs: float
    seconds: float
    memory_gb: float


def memory_mb(function: str) -> int:
    """The memory of a function, by its name in the template."""
    template = read_template()
    common: int = template["Globals"]["Function"]["MemorySize"]
    return int(template["Resources"][function]["Properties"].get("MemorySize", common))


def function_of(path: str) -> str:
    """The function of a route."""
    return next(name for name, paths in _routes() if path in paths)


def processor_share(path: str) -> float:
    """How much of a processor a route's function has."""
    return min(1.0, memory_mb(function_of(path)) / WHOLE_PROCESSOR_MB)


def jobs() -> list[Job]:
    """What runs by itself, where every schedule is on and nothing is in arrears."""
    drawn = len(charts.DEFINITIONS) * MONTH_SECONDS / given.CHART_INTERVAL_SECONDS
    return [
        _job("RefreshFunction", runs_a_month("ChartSchedule"), RUN_SECONDS),
        _job("WorkerFunction", drawn, CHART_SECONDS),
        _job("SignersSyncFunction", runs_a_month("SignersSchedule"), RUN_SECONDS),
        # A set is built again when Redis has lost it.
        _job("SignersRebuildFunction", 0, RUN_SECONDS),
        _job("SearchKeysFunction", runs_a_month("SearchKeysSchedule"), RUN_SECONDS),
    ]


def runs_a_month(parameter: str) -> float:
    """How often the schedule that a parameter sets runs, by its default.

    Raises:
        ValueError: the default is not a rate.
    """
    found = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", read_template()["Parameters"][parameter]["Default"])
    if not found:
        raise ValueError(parameter)
    return MONTH_SECONDS / (int(found[1]) * UNITS[found[2]])


def polled_queues() -> int:
    """How many queues Lambda asks for messages all the time."""
    return sum(event["Type"] == "SQS" for _, events in _events() for event in events)


def _job(name: str, runs: float, seconds: float) -> Job:
    return Job(name, runs, seconds, memory_mb(name) / MB_IN_GB)


def _routes() -> Iterator[tuple[str, list[str]]]:
    for name, events in _events():
        yield name, [event["Properties"]["Path"] for event in events if event["Type"] == "HttpApi"]


def _events() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for name, resource in read_template()["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            yield name, [*resource["Properties"].get("Events", {}).values()]
