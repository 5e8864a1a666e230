"""docs/scale.md: what the simulation says, with the parameter that moves each limit, and what a month costs."""

from pathlib import Path
from typing import Final

from bench.machine import describe
from bench.scale import assumptions as given
from bench.scale.assumptions import Day
from bench.scale.costs import cost_table
from bench.scale.limits import limit_table
from bench.scale.measure_redis import bytes_a_signer
from bench.scale.measured import ServiceTimes, read_service_times
from bench.scale.runs import DUPLICATE, SEARCH, Outcome, lift_route_limits, run, sweep, template_limits
from local.state import ROOT

TARGET: Final = ROOT / "docs" / "scale.md"
PROSE: Final = Path(__file__).with_name("scale.md")
CLERKS: Final = (250, 500, 1000, 2000, 4000, 8000)


def page() -> str:
    """The whole page."""
    limits, service = template_limits(), read_service_times()
    measured = service.times
    day, signer = Day(), bytes_a_signer()
    outcomes = sweep(CLERKS, limits, measured, day)
    bare = run(day, lift_route_limits(limits), measured)
    rush = run(Day(start_seconds=1.0), limits, measured)
    values = {
        "machine": describe(),
        "times": _times(service),
        "day": _day(day),
        "sweep": _sweep(outcomes),
        "rush": _sweep([rush]),
        "first": _first(outcomes),
        "limits": limit_table(bare, limits, measured, signer),
        "signer": f"{signer:.0f}",
        "costs": cost_table(),
    }
    text = PROSE.read_text("utf-8")
    for name, value in values.items():
        text = text.replace(f"<{name}>", value)
    return text


def _day(day: Day) -> str:
    return (
        f"{day.clerks:,} clerks who type at once and need {day.line_seconds:.0f} s a line, "
        f"with {day.searches:g} searches and one duplicate check each; "
        f"{day.organizers} organizers who generate a chart every ten minutes; "
        f"{given.SIGNATURES:,} signatures of {given.CAMPAIGNS} campaigns with {given.CHARTS:,} charts"
    )


def _times(service: ServiceTimes) -> str:
    rows = [
        f"| `{path}` | {each.cold * 1000:.0f} ms | {each.overhead * 1000:.2f} ms | {each.upstreams * 1000:.1f} ms "
        f"| {service.measured_on[path]} |"
        for path, each in service.times.items()
    ]
    head = "| route | cold start | its own work, warm | its upstreams | measured on |"
    return "\n".join([head, "| --- " * 5 + "|", *rows])


def _sweep(outcomes: list[Outcome]) -> str:
    head = (
        "| clerks | searches a second, at most | duplicate checks | refused | by | a search, p99 | a check, p99 "
        "| execution environments | Directus busy | Redis busy |"
    )
    return "\n".join([head, "| --- " * 10 + "|", *map(_line, outcomes)])


def _line(outcome: Outcome) -> str:
    reason, refused = next(iter(outcome.refused.items()), ("", 0.0))
    cells = (
        f"{outcome.clerks:,}",
        f"{outcome.peak[SEARCH]}",
        f"{outcome.peak[DUPLICATE]}",
        f"{sum(outcome.refused.values()):.1%}" if refused else "none",
        reason,
        f"{outcome.slowest[SEARCH] * 1000:.0f} ms",
        f"{outcome.slowest[DUPLICATE] * 1000:.1f} ms",
        f"{outcome.environments}",
        f"{outcome.busy['directus']:.0%}",
        f"{outcome.busy['redis']:.1%}",
    )
    return f"| {' | '.join(cells)} |"


def _first(outcomes: list[Outcome]) -> str:
    for outcome in outcomes:
        if outcome.refused:
            return (
                f"**{next(iter(outcome.refused))}**, between {_before(outcomes, outcome)} and {outcome.clerks:,} clerks"
            )
    return f"none, up to {outcomes[-1].clerks:,} clerks"


def _before(outcomes: list[Outcome], met: Outcome) -> str:
    fewer = [outcome.clerks for outcome in outcomes if outcome.clerks < met.clerks]
    return f"{max(fewer, default=0):,}"
