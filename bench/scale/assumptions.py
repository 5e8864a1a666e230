"""What the simulation assumes: the day, the account's quotas, the network. Everything else is measured."""

from dataclasses import dataclass
from typing import Final

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, read from a copy of 2026
ACCOUNT_CONCURRENCY: Final = 1000
# https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html: a function's new execution environments in 10 s
SCALING: Final = 1000
SCALING_SECONDS: Final = 10.0
# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html: requests a second, and the bucket above it
ACCOUNT_RATE: Final = 10_000
ACCOUNT_BURST: Final = 5_000
# Lambda ends an idle execution environment after some minutes; AWS does not say when.
IDLE_SECONDS: Final = 300.0
# A round trip within the region, and to a service on the public internet.
NEAR_SECONDS: Final = 0.001
FAR_SECONDS: Final = 0.010
# Directus's LOGIN_STALL_TIME: a process without a token waits this long for one.
LOGIN_SECONDS: Final = 0.5
# PostgREST's default db-pool.
POSTGREST_POOL: Final = 10


@dataclass(frozen=True)
class Day:
    """The load.

    Attributes:
        clerks: who type at once.
        line_seconds: what a clerk needs for one line of a clipboard, on average.
        searches: of voters, for one line: a name is typed again, or an address.
        start_seconds: within which they all begin.
        seconds: that are simulated, after the beginning.
        organizers: who look at charts, and generate one every ten minutes.
    """

    clerks: int = 2000
    line_seconds: float = 15.0
    searches: float = 1.3
    start_seconds: float = 60.0
    seconds: float = 120.0
    organizers: int = 500


SIGNATURES: Final = 10_000_000
CAMPAIGNS: Final = 500
CHARTS: Final = 20_000
CHART_INTERVAL_SECONDS: Final = 3600.0
