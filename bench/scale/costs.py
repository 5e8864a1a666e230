"""What a campaign's month costs at AWS, from its published prices."""

from dataclasses import dataclass
from typing import Final

from bench.scale import assumptions as given
from bench.scale.measured import times
from bench.scale.runs import DUPLICATE, SEARCH
from local.demo import charts
from tools.cloudformation import REQUIRED, read_template, resolve, translate
from tools.house_rules.shape import ALARM, of_type

# US dollars in us-east-1, first tier, without any free tier; where each was read stands in scale.md beside the table.
API_MILLION: Final = 1.00
LAMBDA_MILLION: Final = 0.20
LAMBDA_GB_SECOND_ARM: Final = 0.0000133334
SQS_MILLION: Final = 0.40
SCHEDULER_MILLION: Final = 1.00
SECRET_MONTH: Final = 0.40
SECRET_MILLION_CALLS: Final = 5.00
LOGS_GB: Final = 0.50
ALARM_MONTH: Final = 0.10
METRIC_MONTH: Final = 0.30
DASHBOARD_MONTH: Final = 3.00
TRANSFER_GB: Final = 0.09

CHECKS: Final = (100_000, 10_000_000)
SEARCHES_A_CHECK: Final = 1.3
MEMORY_GB: Final = 0.5
# A request's lines: the access log's, Lambda's own three, the audit line.
LOG_BYTES: Final = 1_500
ANSWER_BYTES: Final = 1_500
SECRETS: Final = 4
OWN_METRICS: Final = 10
MONTH_SECONDS: Final = 30 * 86_400
SCHEDULE_SECONDS: Final = 300


@dataclass(frozen=True)
class Cost:
    """One line of the table, in dollars for each number of checks."""

    name: str
    dollars: tuple[float, ...]


def costs() -> list[Cost]:
    """What each service costs a month, for each number of checks."""
    requests = [checks * (1 + SEARCHES_A_CHECK) for checks in CHECKS]
    seconds = [checks * (_seconds(DUPLICATE) + SEARCHES_A_CHECK * _seconds(SEARCH)) for checks in CHECKS]
    runs = MONTH_SECONDS / SCHEDULE_SECONDS
    drawn = len(charts.DEFINITIONS) * MONTH_SECONDS / given.CHART_INTERVAL_SECONDS
    chart_seconds = drawn * 0.1 + runs * 0.5
    alarms = len(of_type(resolve(translate(read_template(), REQUIRED), REQUIRED), ALARM))
    return [
        Cost("API Gateway", tuple(n / 1e6 * API_MILLION for n in requests)),
        Cost(
            "Lambda, the routes",
            tuple(
                n / 1e6 * LAMBDA_MILLION + s * MEMORY_GB * LAMBDA_GB_SECOND_ARM
                for n, s in zip(requests, seconds, strict=True)
            ),
        ),
        Cost(
            "Lambda, schedule and worker",
            ((runs + drawn) / 1e6 * LAMBDA_MILLION + chart_seconds * MEMORY_GB * LAMBDA_GB_SECOND_ARM,) * 2,
        ),
        # A worker's pollers ask an empty queue too: five, every twenty seconds.
        Cost("SQS", ((3 * drawn + 5 * MONTH_SECONDS / 20) / 1e6 * SQS_MILLION,) * 2),
        Cost("EventBridge Scheduler", (runs / 1e6 * SCHEDULER_MILLION,) * 2),
        Cost("logs", tuple(n * LOG_BYTES / 1e9 * LOGS_GB for n in requests)),
        Cost("transfer out", tuple(n * ANSWER_BYTES / 1e9 * TRANSFER_GB for n in requests)),
        Cost("secrets", (SECRETS * SECRET_MONTH + 0.05 * SECRET_MILLION_CALLS,) * 2),
        Cost(
            f"{alarms} alarms, {OWN_METRICS} metrics, dashboard",
            (alarms * ALARM_MONTH + OWN_METRICS * METRIC_MONTH + DASHBOARD_MONTH,) * 2,
        ),
    ]


def cost_table() -> str:
    """The table, with its sum."""
    lines = costs()
    whole = Cost("**together**", tuple(sum(each.dollars[place] for each in lines) for place in range(len(CHECKS))))
    head = "| a month | " + " | ".join(f"{checks:,} checks" for checks in CHECKS) + " |"
    rows = [
        f"| {each.name} | " + " | ".join(f"${dollars:,.2f}" for dollars in each.dollars) + " |"
        for each in [*lines, whole]
    ]
    return "\n".join([head, "| --- " * (len(CHECKS) + 1) + "|", *rows])


def _seconds(path: str) -> float:
    """What a warm call is billed for: our work on Lambda's part of a processor, and the wait for the upstreams."""
    own = times(path)
    far = given.FAR_SECONDS if path == SEARCH else 0.0
    return own.overhead / given.PROCESSOR_SHARE + given.NEAR_SECONDS + far + own.upstreams
