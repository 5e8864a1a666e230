"""Each limit on its own: how much of it the day takes, at how many clerks it is reached, and what moves it."""

from bench.scale import assumptions as given
from bench.scale.measured import Times
from bench.scale.model import Limits
from bench.scale.runs import CHART, DUPLICATE, SEARCH, Outcome, concurrency

GIB = 2**30
# Above this, fractions mean nothing.
WHOLE = 10
CHART_SLOTS = 4 * 2
"""Charts at once where nothing is said: ChartConcurrency workers with CHARTS_AT_ONCE each."""


def limit_table(bare: Outcome, limits: Limits, measured: dict[str, Times], signer: float) -> str:
    """The table, with the limit that is reached first on top."""
    searches, checks = bare.peak[SEARCH], bare.peak[DUPLICATE]
    grows = [
        (
            "the template's limit on searches",
            searches,
            limits.rates[SEARCH],
            "a second",
            "`RouteSettings` in template.yaml",
        ),
        ("the template's limit on duplicate checks", checks, limits.rates[DUPLICATE], "a second", "`RouteSettings`"),
        (
            "Directus, two processes",
            bare.busy["directus"] * limits.directus,
            limits.directus,
            "cores",
            "more processes",
        ),
        (
            "the account's concurrency",
            concurrency(bare, measured),
            given.ACCOUNT_CONCURRENCY,
            "execution environments",
            "Service Quotas; `SearchConcurrency` bounds the searches' part",
        ),
        ("API Gateway's rate", sum(bare.peak.values()), given.ACCOUNT_RATE, "a second", "Service Quotas"),
        ("Redis, one core", bare.busy["redis"], 1.0, "cores", "a faster node"),
        (
            "connections to Redis",
            bare.connections,
            limits.redis,
            "connections",
            "the plan; each execution environment has one",
        ),
        (
            "PostgREST's pool",
            bare.busy["postgrest"] * given.POSTGREST_POOL,
            given.POSTGREST_POOL,
            "connections",
            "`db-pool`",
        ),
    ]
    ordered = sorted(grows, key=lambda limit: limit[1] / limit[2], reverse=True)
    rows = [_row(name, used, most, unit, moves, bare.clerks) for name, used, most, unit, moves in ordered]
    return "\n".join(
        [
            "| limit | the day takes | of | met at | moved by |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            *_fixed_lines(signer, measured),
        ]
    )


def _row(name: str, used: float, most: float, unit: str, moves: str, clerks: int) -> str:
    return f"| {name} | {_short(used)} | {_short(most)} {unit} | {_round(clerks * most / used):,} clerks | {moves} |"


def _fixed_lines(signer: float, measured: dict[str, Times]) -> list[str]:
    """What does not grow with the clerks."""
    memory = given.SIGNATURES * signer / GIB
    charts = given.CHARTS / given.CHART_INTERVAL_SECONDS
    drawn = CHART_SLOTS / (measured[CHART].upstreams + given.FAR_SECONDS)
    return [
        f"| Redis's memory | {memory:.1f} GiB | the plan's | with the signatures: {signer:.0f} bytes each | the plan |",
        (
            f"| charts of the schedule, each hourly | {charts:.1f} | {drawn:.0f} a second "
            f"| {_round(drawn * given.CHART_INTERVAL_SECONDS):,} charts | `ChartConcurrency` |"
        ),
    ]


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= WHOLE else f"{value:.2g}"


def _round(value: float) -> int:
    """Round to two digits: a simulation knows no more."""
    digits = len(str(int(value))) - 2
    return round(int(value), -max(digits, 0))
