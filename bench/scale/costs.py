"""What a campaign's month costs at AWS, from its published prices."""

from dataclasses import dataclass
from typing import Final

from bench.scale import assumptions as given
from bench.scale.functions import (
    MB_IN_GB,
    MONTH_SECONDS,
    Job,
    function_of,
    jobs,
    memory_mb,
    polled_queues,
    processor_share,
)
from bench.scale.measured import read_service_times
from bench.scale.runs import DUPLICATE, SEARCH
from tools.cloudformation import resolve, translate
from tools.house_rules.shape import ALARM, of_type
from tools.metrics import own_metrics
from tools.template import REQUIRED, read_template

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
# A request's lines: the access log's, Lambda's own three, the audit line.
LOG_BYTES: Final = 1_500
ANSWER_BYTES: Final = 1_500
# directus, directus-keys, cookie, redis, supabase
SECRETS: Final = 5
# Lambda asks each queue with so many pollers, which wait twenty seconds for a message.
POLLERS: Final = 5
POLL_SECONDS: Final = 20
CALLS_A_MESSAGE: Final = 3


@dataclass(frozen=True)
class Cost:
    """One line of the table, in dollars for each number of checks."""

    name: str
    dollars: tuple[float, ...]


def costs() -> list[Cost]:
    """What each service costs a month, for each number of checks."""
    requests = [checks * (1 + SEARCHES_A_CHECK) for checks in CHECKS]
    work = jobs()
    runs = sum(job.runs for job in work)
    scheduled = sum(job.runs for job in work if job.name != "WorkerFunction")
    polls = polled_queues() * POLLERS * MONTH_SECONDS / POLL_SECONDS
    messages = CALLS_A_MESSAGE * (runs - scheduled)
    alarms = len(of_type(resolve(translate(read_template(), REQUIRED), REQUIRED), ALARM))
    metrics = len(own_metrics())
    return [
        Cost("API Gateway", tuple(n / 1e6 * API_MILLION for n in requests)),
        Cost("Lambda, the routes", tuple(_routes(checks) for checks in CHECKS)),
        *(Cost(f"Lambda, {name}", (sum(map(job_cost, work[part])),) * 2) for name, part in JOBS.items()),
        Cost("SQS", ((messages + polls) / 1e6 * SQS_MILLION,) * 2),
        Cost("EventBridge Scheduler", (scheduled / 1e6 * SCHEDULER_MILLION,) * 2),
        Cost("logs", tuple((n + runs) * LOG_BYTES / 1e9 * LOGS_GB for n in requests)),
        Cost("transfer out", tuple(n * ANSWER_BYTES / 1e9 * TRANSFER_GB for n in requests)),
        Cost("secrets", (SECRETS * SECRET_MONTH + 0.05 * SECRET_MILLION_CALLS,) * 2),
        Cost(
            f"{alarms} alarms, {metrics} metrics, dashboard",
            (alarms * ALARM_MONTH + metrics * METRIC_MONTH + DASHBOARD_MONTH,) * 2,
        ),
    ]


JOBS: Final = {
    "charts: schedule and worker": slice(0, 2),
    "signers: sync": slice(2, 4),
    "search keys": slice(4, 5),
}


def job_cost(job: Job) -> float:
    """Dollars a month for what runs by itself."""
    return job.runs * (LAMBDA_MILLION / 1e6 + job.seconds * job.memory_gb * LAMBDA_GB_SECOND_ARM)


def job_table() -> str:
    """The functions that run by themselves."""
    head = "| function | memory | runs a month | billed a run | a month |"
    rows = [
        f"| `{job.name}` | {job.memory_gb * MB_IN_GB:,.0f} MB | {job.runs:,.0f} "
        f"| {job.seconds:g} s | ${job_cost(job):.2f} |"
        for job in jobs()
    ]
    return "\n".join([head, "| --- | --- | --- | --- | --- |", *rows])


def _routes(checks: int) -> float:
    calls = {DUPLICATE: checks, SEARCH: checks * SEARCHES_A_CHECK}
    return sum(
        count * (LAMBDA_MILLION / 1e6 + _seconds(path) * _memory_gb(path) * LAMBDA_GB_SECOND_ARM)
        for path, count in calls.items()
    )


def _memory_gb(path: str) -> float:
    return memory_mb(function_of(path)) / MB_IN_GB


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
    own = read_service_times().times[path]
    far = given.FAR_SECONDS if path == SEARCH else 0.0
    return own.overhead / processor_share(path) + given.NEAR_SECONDS + far + own.upstreams
