"""Random chart definitions over the source "samples", and random rows for it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from tests.integration.charts.conditions import round_to_single
from tests.integration.charts.reference import CAMPAIGN

ZONES = (
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "America/Havana",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Pacific/Apia",
    "Antarctica/Troll",
    "EST5EDT",
    "CET",
)
# Where something happens: clocks set forward and back, at 2 o'clock and at midnight; the turn of a year in week 53 or
# 1; a day that Apia skipped; a leap day.
MOMENTS = (
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 3, 8, 5, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 11, 1, 4, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 12, 31, 23, tzinfo=UTC),
    datetime(2027, 1, 3, 12, tzinfo=UTC),
    datetime(2025, 12, 29, 3, tzinfo=UTC),
    datetime(2011, 12, 30, 12, tzinfo=UTC),
    datetime(2024, 2, 29, 12, tzinfo=UTC),
)
TEXTS = (
    "Adams",
    "adams",
    "Boone",
    "O'Brien",
    'Quo"te',
    "100%",
    "a_b",
    "back\\slash",
    "Zürich",
    "Other",
    "(none)",
    "",
    " ",
)
REFS = tuple(str(UUID(int=number)) for number in range(1, 5))
KINDS = ("paper", "tablet", "kiosk")
NUMBERS = ("size", "big", "amount", "ratio", "weight")
NAN = float("nan")
CATEGORIES = ("place", "code", "kind", "checked", "size", "amount", "ref", "day")
TIMES = ("at", "clock", "day")
MINUTES = (0, 0, 1, 15, 30, 45, 59)
UNITS = ("hour", "day", "week", "month", "quarter", "year")
QUARTERS = st.integers(-8, 8).map(lambda number: number / 4)
TENTHS = st.integers(-20, 20).map(lambda number: number / 10)


def maybe(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    """A value of a column that can be null; in one draw, as hypothesis spends most of its time on drawing rows."""
    return st.sampled_from((None,) * max(len(values) // 2, 1) + tuple(values))


@cache
def row(near: datetime, spread: int) -> st.SearchStrategy[dict[str, Any]]:
    """A row, so many hours before or after a moment at most."""
    parts = len(MINUTES)
    moment = st.integers(-spread * parts, spread * parts).map(
        lambda number: near + timedelta(hours=number // parts, minutes=MINUTES[number % parts])
    )
    return st.fixed_dictionaries(
        {
            "campaign_id": st.sampled_from((CAMPAIGN, CAMPAIGN, str(UUID(int=0)), None)),
            "at": st.none() | moment,
            "clock": st.none() | moment.map(lambda value: value.replace(tzinfo=None)),
            "day": st.none() | moment.map(lambda value: value.date()),
            "place": maybe(TEXTS),
            "code": maybe(TEXTS[:4]),
            "kind": maybe(KINDS),
            "checked": maybe((False, True)),
            "size": maybe(range(-5, 6)),
            "big": maybe((-(2**62), -1, 0, 3, 2**62)),
            "amount": maybe([Decimal(number) / 4 for number in range(-400, 401)]),
            "ratio": maybe([*(number / 4 for number in range(-8, 9)), *[NAN] * 6]),
            "weight": maybe([round_to_single(number / 10) for number in range(-20, 21)]),
            "ref": maybe(REFS),
        }
    )


@st.composite
def rows(draw: st.DrawFn, near: datetime, least: int = 0, days: int = 300) -> list[dict[str, Any]]:
    """Up to 30 rows around a moment, so many days before it or after it."""
    spread = draw(st.sampled_from([hours for hours in (6, 24 * 3, 24 * 40, 24 * 300) if hours <= 24 * days]))
    return draw(st.lists(row(near, spread), min_size=least, max_size=30))


@st.composite
def leaves(draw: st.DrawFn, near: datetime) -> dict[str, Any]:
    """One condition."""
    member = draw(st.sampled_from(CATEGORIES + NUMBERS + TIMES))
    if draw(st.integers(0, 9)) == 0:
        return {"member": member, "operator": draw(st.sampled_from(("set", "notSet")))}
    if member in TIMES:
        return draw(time_leaves(member, near))
    if member in NUMBERS:
        operator = draw(st.sampled_from(("equals", "notEquals", "gt", "gte", "lt", "lte")))
        most = 1 if operator in {"gt", "gte", "lt", "lte"} else 4
        values = draw(st.lists(st.integers(-5, 5) | QUARTERS | TENTHS, min_size=1, max_size=most))
        return {"member": member, "operator": operator, "values": values}
    choices: dict[str, st.SearchStrategy[Any]] = {
        "kind": st.sampled_from((*KINDS, "none of them")),
        "checked": st.booleans(),
        "ref": st.sampled_from(REFS),
    }
    operator = draw(st.sampled_from(("equals", "notEquals") + ("contains", "startsWith") * (member not in choices)))
    text = st.sampled_from((*TEXTS, "a", "B", "%", "_", "\\", "'", "' or true --"))
    return {
        "member": member,
        "operator": operator,
        "values": draw(st.lists(choices.get(member, text), min_size=1, max_size=3)),
    }


@st.composite
def time_leaves(draw: st.DrawFn, member: str, near: datetime) -> dict[str, Any]:
    """One condition on a date or a moment."""
    if draw(st.booleans()):
        wanted = draw(ranges(near, hours=member != "day"))
        return {"member": member, "operator": "inDateRange", "values": [wanted] if isinstance(wanted, str) else wanted}
    formats = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%S-05:30")
    moment = st.builds(
        lambda minutes, form: (near + timedelta(minutes=minutes)).strftime(form),
        st.integers(-200, 200).map(lambda quarters: 15 * quarters),
        st.sampled_from(formats[: 1 if member == "day" else None]),
    )
    operator = draw(st.sampled_from(("gt", "gte", "lt", "lte", "equals", "notEquals")))
    most = 3 if operator in {"equals", "notEquals"} else 1
    return {"member": member, "operator": operator, "values": draw(st.lists(moment, min_size=1, max_size=most))}


@cache
def filters(near: datetime) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Conditions and groups of them."""
    members = st.recursive(
        leaves(near),
        lambda inner: st.builds(
            lambda joint, parts: {joint: parts}, st.sampled_from(("and", "or")), st.lists(inner, min_size=1, max_size=3)
        ),
        max_leaves=4,
    )
    return st.lists(members, max_size=2)


@st.composite
def ranges(draw: st.DrawFn, near: datetime, *, hours: bool) -> str | list[str]:
    """A date range in dates or in words."""
    units = UNITS if hours else UNITS[1:]
    words = draw(st.sampled_from(("dates", "today", "yesterday", "this", "last", "last N", "from")))
    count, unit = draw(st.integers(1, 40)), draw(st.sampled_from(units))
    match words:
        case "dates":
            first = near.date() + timedelta(days=draw(st.integers(-60, 3)))
            return [first.isoformat(), (first + timedelta(days=draw(st.integers(0, 70)))).isoformat()]
        case "this" | "last":
            return f"{words} {unit}"
        case "last N":
            return f"Last {min(count, 9) if unit == 'year' else count} {unit}s"
        case "from":
            return f"from {min(count, 9) if unit == 'year' else count} {unit}{'s' * (count > 1)} ago to now"
    return words


@st.composite
def times(draw: st.DrawFn, near: datetime) -> dict[str, Any]:
    """A time dimension whose buckets are few enough."""
    field = draw(st.sampled_from(TIMES))
    unit = draw(st.sampled_from((None, *UNITS[field == "day" :])))
    time: dict[str, Any] = {"dimension": field}
    if unit == "hour" and draw(st.booleans()):
        time["granularity"] = unit
    elif unit == "hour":
        time |= {
            "granularity": unit,
            "dateRange": draw(
                st.sampled_from(
                    (
                        "today",
                        "yesterday",
                        "last 30 hours",
                        "this hour",
                        "from 2 days ago to now",
                        "last 3 days",
                        "this week",
                    )
                )
            ),
        }
    else:
        if unit is not None:
            time["granularity"] = unit
        if unit is None or draw(st.integers(0, 3)):
            time["dateRange"] = draw(ranges(near, hours=field != "day"))
    if "dateRange" in time and draw(st.booleans()):
        time["compare"] = "previousPeriod"
    if draw(st.integers(0, 3)) == 0:
        time["fillMissing"] = False
    return time


@st.composite
def measures(draw: st.DrawFn, *, running: bool) -> list[dict[str, Any]]:
    """One to three measures."""
    listed = []
    for index in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(("count", "count", "countDistinct", "sum", "avg", "min", "max")))
        measure: dict[str, Any] = {"name": f"m{index}", "type": kind}
        if kind != "count":
            measure["field"] = draw(st.sampled_from(NUMBERS if kind != "countDistinct" else CATEGORIES + NUMBERS))
        if running and kind in {"count", "sum"} and draw(st.booleans()):
            measure["runningTotal"] = True
        listed.append(measure)
    return listed


TARGETS = st.just({"from": "campaignGoal"}) | (st.integers(0, 100) | QUARTERS).map(lambda value: {"value": value})


@st.composite
def definitions(draw: st.DrawFn, near: datetime) -> dict[str, Any]:
    """A valid definition."""
    config: dict[str, Any] = {"source": "samples", "timezone": draw(st.sampled_from(ZONES))}
    if draw(st.integers(0, 3)):
        config["timeDimension"] = draw(times(near))
    has_buckets = "granularity" in config.get("timeDimension", {})
    config["measures"] = draw(measures(running=has_buckets))
    dimensions = draw(st.lists(st.sampled_from(CATEGORIES), max_size=2, unique=True))
    if dimensions:
        config["dimensions"] = [
            {"dimension": name}
            | draw(st.fixed_dictionaries({}, optional={"limit": st.integers(1, 20), "other": st.booleans()}))
            for name in dimensions
        ]
    config["filters"] = draw(filters(near))
    if draw(st.integers(0, 4)) == 0:
        config["target"] = draw(TARGETS)
    axes = [config["timeDimension"]["dimension"]] if has_buckets else dimensions[:1]
    members = axes + [measure["name"] for measure in config["measures"] if not measure.get("runningTotal")]
    if members and draw(st.integers(0, 1)):
        config["order"] = [
            {"member": member, "direction": draw(st.sampled_from(("asc", "desc")))}
            for member in draw(st.lists(st.sampled_from(members), min_size=1, max_size=2))
        ]
    if draw(st.integers(0, 4)) == 0:
        config["limit"] = draw(st.integers(1, 4))
    return config


type Case = tuple[dict[str, Any], list[dict[str, Any]], datetime, str | None]


@st.composite
def filter_cases(draw: st.DrawFn) -> Case:
    """One condition, and rows enough for its edges to be hit."""
    near = draw(st.sampled_from(MOMENTS))
    config = {
        "source": "samples",
        "timezone": draw(st.sampled_from(ZONES)),
        "measures": [{"name": "n", "type": "count"}, {"name": "sum", "type": "sum", "field": "size"}],
        "filters": [draw(leaves(near))],
    }
    return config, draw(rows(near, least=8)), near, None


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A definition, rows, the moment at which the chart is generated, and the campaign, or none for the rows of all."""
    near = draw(st.sampled_from(MOMENTS))
    now = near + timedelta(hours=draw(st.integers(-30, 30)), minutes=draw(st.sampled_from((0, 0, 29, 30))))
    config = draw(definitions(near))
    needs_campaign = "from" in config.get("target", {})
    campaign = CAMPAIGN if needs_campaign or draw(st.booleans()) else None
    time = config.get("timeDimension", {})
    few_hours = time.get("granularity") == "hour" and "dateRange" not in time
    return config, draw(rows(near, days=3 if few_hours else 300)), now, campaign
