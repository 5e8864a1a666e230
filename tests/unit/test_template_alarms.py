"""What the alarms that watch the schedule say over days, as CloudWatch evaluates them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import pairwise

import pytest

from permissions.frontend import FRONTEND_SECONDS
from tools.cloudformation import resolve, translate
from tools.house_rules.shape import ALARM, of_type
from tools.template import REQUIRED, Properties, read_template

HOUR, DAY = 3600, 86400
EVERY = 300  # an alarm is evaluated more often; the points here are at least so far apart
OLD = 3 * DAY

type Points = Mapping[int, float]  # what was counted, by the second


def alarms(**parameters: str) -> dict[str, Properties]:
    given = REQUIRED | parameters
    return of_type(resolve(translate(read_template(), given), given), ALARM)


def states(alarm: Properties, points: Points, until: int) -> Iterator[bool]:
    """Yield whether the alarm is on, at each evaluation after the first point."""
    on, moments = False, sorted(points)
    for now in range(moments[0], until, EVERY):
        values = [_value(alarm, points, moments, now - n * alarm["Period"]) for n in range(alarm["EvaluationPeriods"])]
        if alarm["TreatMissingData"] != "ignore" or any(value is not None for value in values):
            on = sum(_breaches(alarm, each) for each in values) >= alarm.get("DatapointsToAlarm", len(values))
        yield on


def _value(alarm: Properties, points: Points, moments: list[int], end: int) -> float | None:
    """The statistic of one period, without a point at its beginning."""
    first, last = (bisect_right(moments, moment) for moment in (end - alarm["Period"], end))
    found = [points[moment] for moment in moments[first:last]]
    if not found:
        return None
    return max(found) if alarm["Statistic"] == "Maximum" else sum(found)


def _breaches(alarm: Properties, value: float | None) -> bool:
    if value is None:
        return bool(alarm["TreatMissingData"] == "breaching")
    threshold = float(alarm["Threshold"])
    return value < threshold if alarm["ComparisonOperator"].startswith("Less") else value >= threshold


def changes(alarm: Properties, points: Points, until: int) -> int:
    """Count how often somebody is notified."""
    return sum(before != after for before, after in pairwise([False, *states(alarm, points, until)]))


def count_oldest_due(every: int, until: int, failing_every: int | None = None) -> dict[int, float]:
    """Return what the schedule counts: the age of the oldest due chart, where one fails each time that it is due."""
    runs = range(0, until, every)
    due = {} if failing_every is None else {-(-at // every) * every: OLD for at in range(0, until, failing_every)}
    return dict.fromkeys(runs, 0.0) | due


@pytest.mark.parametrize("schedule", [EVERY, HOUR, DAY])
@pytest.mark.parametrize("interval", [HOUR, DAY, DAY + EVERY])
def test_a_chart_that_fails_at_least_daily_is_told_of_once(schedule: int, interval: int) -> None:
    points = count_oldest_due(schedule, 10 * DAY, failing_every=interval)

    assert changes(alarms()["OldestChart"], points, 10 * DAY) == 1


def test_a_chart_that_is_fixed_ends_the_alarm_within_three_days() -> None:
    points = count_oldest_due(EVERY, 3 * DAY, failing_every=DAY) | dict.fromkeys(range(3 * DAY, 7 * DAY, EVERY), 0.0)

    *_, last = states(alarms()["OldestChart"], points, 5 * DAY + 2 * EVERY)

    assert not last


def test_a_schedule_that_is_off_leaves_the_oldest_chart_as_it_was_known() -> None:
    points = count_oldest_due(HOUR, HOUR, failing_every=DAY)

    assert changes(alarms()["OldestChart"], points, 5 * DAY) == 1


def test_charts_that_are_young_are_told_of_never() -> None:
    assert changes(alarms()["OldestChart"], count_oldest_due(EVERY, 4 * DAY), 4 * DAY) == 0


def ran(every: int, until: int) -> dict[int, float]:
    """Invocations, some of them a little late."""
    return {at + number % 3 * 60: 1.0 for number, at in enumerate(range(0, until, every))}


@pytest.mark.parametrize("schedule", [EVERY, HOUR, DAY])
def test_a_schedule_that_runs_daily_or_more_often_is_not_called_silent(schedule: int) -> None:
    # At the very first run, the time before it is silence.
    _, *after = states(alarms()["ScheduleSilent"], ran(schedule, 8 * DAY), 8 * DAY)

    assert not any(after)


def test_a_schedule_that_is_silent_for_more_than_a_day_is_told_of() -> None:
    alarm_states = [*states(alarms()["ScheduleSilent"], ran(EVERY, DAY), 2 * DAY + 3 * HOUR)]

    assert alarm_states[-1]


def test_a_schedule_that_is_switched_off_is_not_called_silent() -> None:
    assert "ScheduleSilent" in alarms()
    assert "ScheduleSilent" not in alarms(ChartScheduleState="DISABLED")


@pytest.mark.parametrize("name", ["OldestChart", "ScheduleSilent"])
def test_an_alarm_looks_back_no_further_than_cloudwatch_does(name: str) -> None:
    alarm = alarms()[name]

    assert alarm["Period"] >= HOUR
    assert alarm["Period"] * alarm["EvaluationPeriods"] <= 7 * DAY


def test_a_frontend_that_does_not_answer_in_time_raises_the_alarm_on_revalidation() -> None:
    assert alarms()["PermissionsDuration"]["Threshold"] <= FRONTEND_SECONDS * 1000
