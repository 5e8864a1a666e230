"""Definitions that try to read, call or break what they must not: each is invalid by how it is made."""

import copy
from typing import Any

from hypothesis import strategies as st

Config = dict[str, Any]

BASE: Config = {
    "source": "samples",
    "measures": [{"name": "n", "type": "count"}, {"name": "size", "type": "sum", "field": "size"}],
    "timeDimension": {"dimension": "at", "granularity": "day", "dateRange": "last 30 days"},
    "dimensions": [{"dimension": "place", "limit": 3}],
    "filters": [
        {"member": "place", "operator": "equals", "values": ["Adams"]},
        {
            "or": [
                {"member": "size", "operator": "gt", "values": [1]},
                {"member": "day", "operator": "inDateRange", "values": ["today"]},
            ]
        },
    ],
    "timezone": "America/New_York",
    "order": [{"member": "n", "direction": "desc"}],
    "limit": 10,
}
INJECTIONS = (
    "samples; drop table samples",
    "public.samples",
    "auth.users",
    "pg_catalog.pg_authid",
    "pg_sleep(1)",
    "count(*)",
    "samples as source, pg_authid",
    'samples"',
    '"samples"',
    "samples'",
    "samples--",
    "samples/*",
    "$1",
    "$8",
    "%I",
    "%1$s",
    "source.*",
    "(select 1)",
    "samples where true",
    "s\u200bamples",
    "sämples",
    "samples\n",
    "\tsamples",
    " samples",
    "samples ",
    "1samples",
    "_samples",
    "a" * 64,
    "",
    "'; select current_user; --",
    "\\'; drop schema chart_engine cascade; --",
    "at::text",
    "at at time zone 'UTC'",
    "row(1)",
    "E'\\x41'",
    "U&'\\0041'",
    "{}",
    "samples,other",
    "chr(65)||chr(66)",
    "1; set role postgres",
    "current_setting('role')",
    "lo_import('/etc/passwd')",
    "pg_read_file('/etc/passwd')",
    "dblink('x')",
)
# Every place that holds the name of something.
NAMES: tuple[tuple[str | int, ...], ...] = (
    ("source",),
    ("measures", 0, "name"),
    ("measures", 1, "name"),
    ("measures", 1, "field"),
    ("timeDimension", "dimension"),
    ("dimensions", 0, "dimension"),
    ("filters", 0, "member"),
    ("filters", 1, "or", 0, "member"),
    ("order", 0, "member"),
)
# Every place that holds a word out of a list, or a pattern.
WORDS: tuple[tuple[str | int, ...], ...] = (
    ("measures", 0, "type"),
    ("measures", 1, "type"),
    ("timeDimension", "granularity"),
    ("timeDimension", "dateRange"),
    ("timeDimension", "compare"),
    ("filters", 0, "operator"),
    ("filters", 1, "or", 1, "operator"),
    ("filters", 1, "or", 1, "values", 0),
    ("timezone",),
    ("order", 0, "direction"),
    ("chartType",),
    ("limit",),
    ("dimensions", 0, "limit"),
)
OBJECTS: tuple[tuple[str | int, ...], ...] = (
    (),
    ("measures", 0),
    ("timeDimension",),
    ("dimensions", 0),
    ("filters", 0),
    ("filters", 1),
    ("filters", 1, "or", 0),
    ("order", 0),
)
SETTINGS = (
    "sql",
    "where",
    "from",
    "$where",
    "__proto__",
    "raw",
    "join",
    "having",
    "values;",
    "field'",
    "function",
    "schema",
    "",
)
WRONG: tuple[Any, ...] = (
    {},
    [],
    {"sql": "1"},
    ["samples"],
    1e300,
    -1,
    True,
    1.5,
    [["a"]],
    {"raw": {"sql": ["select 1"]}},
    10**30,
)
ZONES = (
    "Nowhere/Land",
    "Nowhere3",
    "Foo/Bar3",
    "EST5EDT4",
    "UTC+1",
    "+05:00",
    "utc",
    "<A>1",
    "posix/UTC",
    "../../etc/passwd",
    "America/New_York3",
)
RANGES = (
    "last 0 days",
    "last -1 days",
    "last 99999 days",
    "last 1.5 days",
    "next 3 days",
    "last 3 fortnights",
    "yesterday; select 1",
    "last days",
    "from 3 days ago",
    "3 days ago to now",
    ["2026-01-01"],
    ["2026-01-02", "2026-01-01"],
    ["2026-02-30", "2026-03-01"],
    ["0001-01-01", "9999-12-31"],
    ["2026-01-01", "2026-01-02", "2026-01-03"],
    ["now()", "now()"],
    ["2026-01-01'", "2026-01-02"],
    ["infinity", "infinity"],
    ["epoch", "today"],
)


def with_value_at(path: tuple[str | int, ...], value: Any) -> Config:  # noqa: ANN401  # any JSON
    """The base definition with another value somewhere."""
    config: Any = copy.deepcopy(BASE)
    holder = config
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return config  # type: ignore[no-any-return]  # the whole is an object


def with_setting(path: tuple[str | int, ...], name: str) -> Config:
    """The base definition with a setting that there is not."""
    config: Any = copy.deepcopy(BASE)
    holder = config
    for step in path:
        holder = holder[step]
    holder[name] = "pg_sleep(1)"
    return config  # type: ignore[no-any-return]  # as above


def nest_groups(depth: int, joint: str) -> Config:
    """Groups in groups."""
    inner: Config = {"member": "size", "operator": "set"}
    for _ in range(depth):
        inner = {joint: [inner]}
    return BASE | {"filters": [inner]}


def too_many(name: str, count: int) -> Config:
    """A list that is longer than allowed."""
    lists = {
        "values": lambda: with_value_at(("filters", 0, "values"), [str(number) for number in range(100 + count)]),
        "filters": lambda: BASE | {"filters": [{"member": "size", "operator": "set"}] * (50 + count)},
        "measures": lambda: (
            BASE | {"measures": [{"name": f"m{number}", "type": "count"} for number in range(8 + count)]}
        ),
        "dimensions": lambda: (
            BASE | {"dimensions": [{"dimension": name} for name in ("place", "code", "kind", "checked")]}
        ),
        "order": lambda: BASE | {"order": [{"member": "n"}] * (3 + count)},
        "text": lambda: with_value_at(("filters", 0, "values", 0), "x" * (500 + count)),
        "none": lambda: BASE | {"measures": []},
        "limit": lambda: BASE | {"limit": 10_000 + count},
        "size": lambda: with_value_at(("filters", 0, "values"), ["y" * 490] * 40),
    }
    return lists[name]()


INJECTED = st.sampled_from(INJECTIONS)
HOSTILE = st.one_of(
    st.builds(
        with_value_at,
        st.sampled_from(NAMES),
        INJECTED | st.text(max_size=8).map(lambda text: f"{text}'\"").filter(str.isprintable),
    ),
    st.builds(with_value_at, st.sampled_from(NAMES + WORDS), st.sampled_from(WRONG)),
    st.builds(with_value_at, st.just(("filters", 1, "or", 0, "values", 0)), INJECTED | st.sampled_from(RANGES)),
    st.builds(with_value_at, st.sampled_from(WORDS), INJECTED.filter(bool)),
    st.builds(with_setting, st.sampled_from(OBJECTS), st.sampled_from(SETTINGS)),
    st.sampled_from(ZONES).map(lambda zone: with_value_at(("timezone",), zone)),
    st.sampled_from(RANGES).map(lambda range_: with_value_at(("timeDimension", "dateRange"), range_)),
    st.builds(nest_groups, st.integers(5, 60), st.sampled_from(("and", "or"))),
    st.builds(
        too_many,
        st.sampled_from(("values", "filters", "measures", "dimensions", "order", "text", "none", "limit", "size")),
        st.integers(1, 9),
    ),
    st.sampled_from(("and", "or")).map(lambda joint: BASE | {"filters": [{joint: []}]}),
    st.sampled_from(("and", "or")).map(
        lambda joint: BASE | {"filters": [{joint: [BASE["filters"][0]], "member": "size"}]}
    ),
)
