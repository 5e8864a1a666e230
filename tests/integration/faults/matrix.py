"""What is answered when a service fails: a table for each service, a row for each fault, a cell for each route.

`first` is the answer if the fault meets a process's first call of the service, `kept` if it meets a connection in use.
Both are abbreviated: status, code, Retry-After. The next request after the fault succeeds.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from tests.integration.faults import http_faults as http
from tests.integration.faults import redis_faults as redis
from tests.integration.faults.servers import Answer

type Network = Literal["refuse", "swallow"]
type ConnectionKind = Literal["first", "kept"]

FINE = "fine"  # what the route answers when all is well
FAILED = "502 upstream_error"
SILENT = "504 upstream_timeout"
AWAY = "503 redis_unavailable after 2"
BUSY_5, BUSY_7 = "503 upstream_busy after 5", "503 upstream_busy after 7"
SET_UP_WRONGLY = "500 internal_error"
# Seconds for an answer that needs no waiting, on a machine that is busy with other tests.
AT_ONCE = 1.5
# For one that is waited for: the functions of these cells have a time-out of 4 s.
WAITING = 4.0
# For one that waits for Redis: its calls take 1.2 s at most.
REDIS_WAITING = 2.5
STALE = 'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{"stale": "yes"}'


class Around(NamedTuple):
    """A fault made around the service's own answer."""

    make: Callable[[Answer], Answer]


@dataclass(frozen=True)
class Row:
    """One fault, and what is answered.

    Attributes:
        fault: in words: the service ...
        does: the fault itself; None where a variable makes it.
        first: the answer where it meets the first call; None where it cannot.
        kept: the answer where it meets a connection in use; None where it cannot.
        within: seconds until the answer, at most.
        environment: variables that make the fault. It then lasts as long as the process.
    """

    fault: str
    does: Answer | Around | Network | None
    first: str | None
    kept: str | None
    within: float = AT_ONCE
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """One service's faults.

    Attributes:
        service: its name.
        server: its name among a scene's servers.
        routes: those that call it.
        rows: its faults.
        paths: what its requests begin with, where it shares a server with another service.
        fine: routes that do without it.
        recovers_within: seconds until requests succeed again; 0: the next one does.
        cached: whether the caller's permissions are cached when the fault begins.
        environment: variables that all its cells have.
    """

    service: str
    server: str
    routes: tuple[str, ...]
    rows: tuple[Row, ...]
    paths: str = "/"
    fine: tuple[str, ...] = ()
    recovers_within: float = 0
    cached: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cell:
    """One fault that meets one route on one kind of connection."""

    table: Table
    row: Row
    connection: ConnectionKind
    route: str

    @property
    def id(self) -> str:
        """A sentence that names the cell."""
        return f"{self.route} - {self.table.service} {self.row.fault} - {self.connection}"

    @property
    def words(self) -> str:
        """The documented answer, in words."""
        words = self.row.first if self.connection == "first" else self.row.kept
        assert words is not None
        return FINE if self.route in self.table.fine else words

    @property
    def within(self) -> float:
        """The most seconds until the answer. A route that does without the service has its own work to do, too."""
        return self.row.within + AT_ONCE if self.words == FINE else self.row.within


def http_rows(seconds: float) -> tuple[Row, ...]:
    """Return the faults of any HTTP service. `seconds` is how long its answer is waited for."""
    return (
        Row("refuses connections", "refuse", FAILED, FAILED),
        Row("swallows what is sent", "swallow", SILENT, SILENT, seconds),
        Row("answers late, but in time", Around(lambda proper: http.late(0.3, proper)), FINE, FINE),
        Row("says nothing", http.hang, SILENT, SILENT, seconds),
        Row("answers a byte at a time", http.drip, SILENT, SILENT, seconds),
        Row("answers a header a byte at a time", http.drip_headers, SILENT, SILENT, seconds),
        Row("closes without a word", http.close, FAILED, FAILED),
        Row("resets without a word", http.reset, FAILED, FAILED),
        Row("resets in mid-answer", http.reset_midway, FAILED, FAILED),
        Row("closes in mid-answer", http.truncate, FAILED, FAILED),
        Row("never ends its answer", http.never_end, FAILED, FAILED, seconds),
        Row("answers 429", http.says(429), BUSY_5, BUSY_5),
        Row("answers 429 with Retry-After", http.says(429, Retry_After="7"), BUSY_7, BUSY_7),
        Row("answers 500", http.says(500, {"message": "leaked"}), FAILED, FAILED),
        Row("answers 503", http.says(503), BUSY_5, BUSY_5),
        Row("answers 503 with Retry-After", http.says(503, Retry_After="7"), BUSY_7, BUSY_7),
        Row("answers HTML", http.says(200, "<html>leaked</html>"), FAILED, FAILED),
        Row("answers an empty 200", http.says(200), FAILED, FAILED),
        Row("answers JSON of another shape", http.says(200, {"data": "leaked"}), FAILED, FAILED),
        Row("redirects", http.says(307, Location="http://127.0.0.1:9/"), FAILED, FAILED),
        Row("speaks another protocol", http.speak_ssh, FAILED, FAILED),
        Row("sends more than its answer", Around(lambda proper: http.surplus(proper, STALE.encode())), FINE, FINE),
    )


def tls_rows(answer: str, *variables: str, scheme: str = "https") -> tuple[Row, ...]:
    """Return the faults of TLS, for a service whose address is in these variables. They last as long as the process."""

    def place(server: str) -> Mapping[str, str]:
        return dict.fromkeys(variables, f"{scheme}://{{{server}.address}}")

    return (
        Row("does not speak TLS", None, answer, None, WAITING, place("directus")),
        Row("has a certificate that nobody vouches for", None, answer, None, WAITING, place("tls")),
    )


def every(rows: tuple[Row, ...], *, first: str, kept: str) -> tuple[Row, ...]:
    """Return the same faults, all with the same answer, except those that change nothing."""
    return tuple(row if row.first == FINE else replace(row, first=first, kept=kept) for row in rows)


def _redis_error(reply: str) -> Row:
    return Row(f"answers {reply.partition(' ')[0].removeprefix('-')}", redis.replies(reply), AWAY, AWAY)


def _misread_from_redis(reply: str, name: str) -> Row:
    return Row(f"answers {name}", redis.replies(reply), AWAY, AWAY)


SEARCHES = "essearch", "essearch-common"
CHARTS = "chart", "chart, queued"
DIRECTUS = Table(
    "Directus",
    "directus",
    SEARCHES,
    http_rows(WAITING) + tls_rows(FAILED, "DIRECTUS_URL_SEARCH", "DIRECTUS_URL_NORTH"),
)
PERMISSIONS = Table(
    "Supabase (permissions)",
    "supabase",
    ("essearch-common", "duplicate", "chart"),
    http_rows(WAITING) + tls_rows(FAILED, "SUPABASE_URL"),
    paths="/rest/v1/rpc/permissions_snapshot",
    cached=False,
)
CHART_DATA = Table(
    "Supabase (charts)", "supabase", (*CHARTS, "schedule", "worker"), http_rows(WAITING), paths="/rest/v1"
)
REDIS = Table(
    "Redis",
    "redis",
    ("duplicate", "revalidate", "essearch-common", "chart"),
    (
        *tls_rows(AWAY, "REDIS_URL", scheme="rediss"),
        Row("refuses connections", "refuse", AWAY, AWAY),
        Row("swallows what is sent", "swallow", AWAY, AWAY, REDIS_WAITING),
        Row("says nothing", http.hang, AWAY, AWAY, REDIS_WAITING),
        Row("answers a byte at a time", redis.drip, AWAY, AWAY, REDIS_WAITING),
        Row("closes without a word", http.close, AWAY, AWAY),
        Row("resets without a word", http.reset, AWAY, AWAY),
        Row("resets in mid-answer", redis.reset_midway, AWAY, AWAY),
        Row("closes in mid-answer", redis.truncate, AWAY, AWAY),
        Row("never ends its answer", redis.never_end, AWAY, AWAY, REDIS_WAITING),
        Row("speaks another protocol", redis.speak_http, AWAY, AWAY),
        *map(
            _redis_error,
            (
                "-LOADING Redis is loading the dataset in memory",
                "-READONLY You can't write against a read only replica.",
                "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
                "-CLUSTERDOWN The cluster is down",
                "-MOVED 3999 127.0.0.1:9",
                "-ASK 3999 127.0.0.1:9",
                "-TRYAGAIN Multiple keys request during rehashing of slot",
                "-NOAUTH Authentication required.",
                "-NOPERM this user has no permissions to run the command",
                "-WRONGTYPE Operation against a key holding the wrong kind of value",
                "-OOM command not allowed when used memory > 'maxmemory'.",
                "-BUSY Redis is busy running a script.",
                "-NOREPLICAS Not enough good replicas to write.",
                "-MISCONF Redis is configured to save RDB snapshots",
                "-ERR max number of clients reached",
            ),
        ),
        _misread_from_redis("+OK", "a status in place of a value"),
        _misread_from_redis("$3\r\nabc", "a text in place of a number"),
        _misread_from_redis("$-1", "nothing"),
        _misread_from_redis("*0", "an empty list"),
        _misread_from_redis("*1\r\n*1\r\n:1", "lists in lists"),
    ),
    fine=("essearch-common", "chart"),
)
# A number is a valid reply to a deletion, but 2 does not say whether somebody has signed.
MEMBERSHIP = Table(
    "Redis (signers)",
    "redis",
    ("duplicate",),
    (_misread_from_redis(":2", "2"), _misread_from_redis("*2\r\n:1\r\n:2", "1 and 2")),
)
KEYS = Table(
    "JWKS",
    "supabase",
    ("essearch", "duplicate", "revalidate"),
    tuple(replace(row, kept=FINE) for row in http_rows(WAITING)),
    paths="/auth/v1/.well-known/jwks.json",
    recovers_within=2.5,
    environment={"SUPABASE_JWT_SECRET": ""},
)
QUEUE = Table(
    "SQS",
    "queue",
    ("chart, queued", "schedule"),
    tuple(replace(row, first=BUSY_5, kept=BUSY_5) if row.first == BUSY_7 else row for row in http_rows(WAITING)),
)
SECRETS = Table(
    "Secrets Manager",
    "secrets",
    ("essearch-common", "chart"),
    every(http_rows(WAITING), first=SET_UP_WRONGLY, kept=FINE),
    recovers_within=2.5,
    environment=dict.fromkeys(("DIRECTUS_API_PASSWORD_SEARCH", "SUPABASE_SECRET_KEY"), "secretsmanager:petition/one"),
)
FRONTEND = Table("The frontend", "frontend", ("revalidate",), every(http_rows(WAITING), first=FAILED, kept=FAILED))
TABLES = (REDIS, MEMBERSHIP, DIRECTUS, PERMISSIONS, CHART_DATA, KEYS, QUEUE, SECRETS, FRONTEND)


def cells() -> Iterator[Cell]:
    """Yield every cell of every table."""
    for table in TABLES:
        for row in table.rows:
            for route in table.routes:
                if row.first:
                    yield Cell(table, row, "first", route)
                if row.kept:
                    yield Cell(table, row, "kept", route)
