"""A chart's rows calculated from the rows of its source, one by one, in Python.

It shares nothing with the SQL: that cuts time at instants and lets the database group, this asks each row's local clock.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
OTHER = 1000


class Chart:
    """One definition over one set of rows at one moment."""

    def __init__(self, config: dict[str, Any], rows: list[Row], now: datetime) -> None:
        self.config, self.now = config, now
        self.zone = ZoneInfo(config.get("timezone", "UTC"))
        self.time = config.get("timeDimension", {})
        self.unit = self.time.get("granularity")
        self.compared = "compare" in self.time
        self.dimensions = config.get("dimensions", [])
        self.measures = config["measures"]
        self.kind = "time" if self.unit else "category" if self.dimensions else "none"
        kept = [row for row in rows if all(self.holds(item, row) for item in config.get("filters", []))]
        self.span = self.span_of(kept)
        self.now_rows = [row for row in kept if self.in_span(row, "now")]
        self.old_rows = [row for row in kept if self.in_span(row, "old")] if self.compared else []
        self.tops = [self.top(dimension) for dimension in self.dimensions]

    # --- time ---

    def local(self, value: Any) -> datetime | None:  # noqa: ANN401  # the kinds of columns are what is told apart here
        """What the zone's clocks showed, without an offset; a date is its midnight."""
        if isinstance(value, datetime):
            aware = value if value.tzinfo else value.replace(tzinfo=UTC)
            return aware.astimezone(self.zone).replace(tzinfo=None)
        return datetime(value.year, value.month, value.day) if value is not None else None  # noqa: DTZ001  # a local time

    def instant(self, value: datetime) -> datetime:
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)

    def span_of(self, rows: list[Row]) -> dict[str, tuple[datetime, datetime]] | None:
        """The period and the one before, in local time, or in UTC (with an offset) where hours are counted."""
        if not self.time:
            return None
        if "dateRange" in self.time:
            return span(self.time["dateRange"], self.now.astimezone(self.zone).replace(tzinfo=None), self.now)
        found = [moment for row in rows if (moment := self.local(row[self.time["dimension"]])) is not None]
        if not found:
            return None
        return {"now": (floor(min(found), self.unit), step(floor(max(found), self.unit), self.unit, 1))}

    def in_span(self, row: Row, which: str) -> bool:
        if not self.time:
            return which == "now"
        value = row[self.time["dimension"]]
        if value is None or self.span is None:
            return False
        return self.within(value, self.span[which])

    def within(self, value: Any, bounds: tuple[datetime, datetime]) -> bool:  # noqa: ANN401  # as above
        if bounds[0].tzinfo:
            return bounds[0] <= self.instant(value) < bounds[1]
        local = self.local(value)
        assert local is not None
        return bounds[0] <= local < bounds[1]

    def label(self, value: Any) -> str:  # noqa: ANN401  # as above
        if self.unit == "hour":
            aware = self.instant(value).astimezone(self.zone)
            return aware.replace(minute=0, second=0, microsecond=0).isoformat()
        local = self.local(value)
        assert local is not None
        return floor(local, self.unit).date().isoformat()

    def labels(self, which: str) -> list[str]:
        if self.span is None or which not in self.span:
            return []
        start, end = self.span[which]
        if self.unit == "hour":
            return self.hours(start, end)
        day, labels = floor(start.astimezone(self.zone).replace(tzinfo=None) if start.tzinfo else start, self.unit), []
        last = (
            (end - timedelta(seconds=1)).astimezone(self.zone).replace(tzinfo=None)
            if end.tzinfo
            else end - timedelta(seconds=1)
        )
        while day <= last:
            if self.unit != "day" or self.exists(day):
                labels.append(day.date().isoformat())
            day = step(day, self.unit, 1)
        return labels

    def hours(self, start: datetime, end: datetime) -> list[str]:
        first, last = self.as_instant(start), self.as_instant(end)
        hours = []
        while first < last:
            hours.append(self.label(first))
            first += timedelta(hours=1)
        return hours

    def as_instant(self, value: datetime) -> datetime:
        """The first instant at which the clocks show this or more."""
        if value.tzinfo:
            return value
        return min(
            moment
            for minutes in range(-180, 181, 15)
            if self.local(moment := value.replace(tzinfo=self.zone).astimezone(UTC) + timedelta(minutes=minutes))
            >= value  # type: ignore[operator]  # a moment has a local time
        )

    def exists(self, day: datetime) -> bool:
        noon = day.replace(hour=12, tzinfo=self.zone)
        return noon.astimezone(UTC).astimezone(self.zone).date() == day.date()

    # --- filters ---

    def holds(self, item: Row, row: Row) -> bool:
        if "and" in item:
            return all(self.holds(member, row) for member in item["and"])
        if "or" in item:
            return any(self.holds(member, row) for member in item["or"])
        value, values = row[item["member"]], item.get("values", [])
        match item["operator"]:
            case "set":
                return value is not None
            case "notSet":
                return value is None
            case "notEquals":
                return value not in values
        if value is None:
            return False
        return self.compares(item["operator"], value, values)

    def compares(self, operator: str, value: Any, values: list[Any]) -> bool:  # noqa: ANN401  # as above
        match operator:
            case "equals":
                return value in values
            case "contains":
                return any(wanted.lower() in value.lower() for wanted in values)
            case "startsWith":
                return any(value.lower().startswith(wanted.lower()) for wanted in values)
            case "inDateRange":
                wanted = values[0] if len(values) == 1 else values
                bounds = span(wanted, self.now.astimezone(self.zone).replace(tzinfo=None), self.now)["now"]
                return self.within(value, bounds)
        left, right = self.sides(value, values[0])
        return {"gt": left > right, "gte": left >= right, "lt": left < right, "lte": left <= right}[operator]

    def sides(self, value: Any, wanted: Any) -> tuple[Any, Any]:  # noqa: ANN401  # as above
        if not isinstance(wanted, str):
            return Fraction(value), Fraction(wanted)
        moment = datetime.fromisoformat(wanted)
        if isinstance(value, datetime):
            return self.instant(value), self.as_instant(moment).astimezone(UTC)
        return value, self.as_instant(moment).astimezone(self.zone).date()

    # --- measures and dimensions ---

    def measure(self, measure: Row, rows: list[Row]) -> Fraction | None:
        if measure["type"] == "count":
            return Fraction(len(rows))
        values = [row[measure["field"]] for row in rows if row[measure["field"]] is not None]
        if measure["type"] == "countDistinct":
            return Fraction(len(set(values)))
        numbers = [Fraction(value) for value in values]
        calculate: dict[str, Callable[[list[Fraction]], Fraction]] = {
            "sum": lambda listed: sum(listed, Fraction(0)),
            "avg": lambda listed: sum(listed, Fraction(0)) / len(listed),
            "min": min,
            "max": max,
        }
        if not numbers:
            return Fraction(0) if measure["type"] == "sum" else None
        return calculate[measure["type"]](numbers)

    def top(self, dimension: Row) -> list[Any]:
        """The values kept, largest by the first measure first; of two alike the one whose text is smaller."""
        name, measure = dimension["dimension"], self.measures[0]
        totals = {
            value: self.total(measure, [row for row in self.now_rows if row[name] == value])
            for value in {row[name] for row in self.now_rows}
        }
        ranked = sorted(
            totals, key=lambda value: (totals[value] is None, -(totals[value] or 0), value is None, text(value))
        )
        return ranked[: dimension.get("limit", 10)]

    def total(self, measure: Row, rows: list[Row]) -> Fraction | None:
        """As `measure`, but a sum of no values is none: that is how values are ranked."""
        if measure["type"] == "sum" and all(row[measure["field"]] is None for row in rows):
            return None
        return self.measure(measure, rows)

    def key(self, row: Row) -> tuple[Any, ...] | None:
        """The places of a row's dimensions: 0, 1, ... or OTHER; None where it is left out."""
        places = []
        for dimension, top in zip(self.dimensions, self.tops, strict=True):
            value = row[dimension["dimension"]]
            if value not in top and not dimension.get("other", True):
                return None
            places.append(top.index(value) if value in top else OTHER)
        return tuple(places)

    def name_of(self, index: int, place: int) -> Any:  # noqa: ANN401  # as above
        values = [shown(value) for value in self.tops[index]]
        if place == OTHER:
            return "Other (rest)" if "Other" in values else "Other"
        if values[place] is None:
            return "(no value)" if "(none)" in values else "(none)"
        return values[place]

    # --- the result ---

    def groups(self, rows: list[Row], which: str) -> dict[tuple[Any, tuple[Any, ...]], list[Row]]:
        """Rows by their place on the axis and their series."""
        grouped: dict[tuple[Any, tuple[Any, ...]], list[Row]] = {}
        labels = self.labels(which) if self.kind == "time" else []
        for row in rows:
            if (key := self.key(row)) is None:
                continue
            if self.kind == "time":
                place: Any = labels.index(self.label(row[self.time["dimension"]]))
                grouped.setdefault((place, key), []).append(row)
            elif self.kind == "category":
                grouped.setdefault((key[0], key[1:]), []).append(row)
            else:
                grouped.setdefault((0, ()), []).append(row)
        return grouped

    def begun(self, label: str) -> bool:
        if self.unit == "hour":
            return datetime.fromisoformat(label) <= self.now
        start = (
            max(datetime.fromisoformat(label), self.span["now"][0])
            if self.span and not self.span["now"][0].tzinfo
            else datetime.fromisoformat(label)
        )
        return start <= self.now.astimezone(self.zone).replace(tzinfo=None)

    def rows(self) -> list[Row]:
        """The rows of the result."""
        now, old = self.groups(self.now_rows, "now"), self.groups(self.old_rows, "old")
        labels = self.labels("now") if self.kind == "time" else []
        earlier = self.labels("old") if self.kind == "time" and self.compared else []
        places: Iterable[Any] = range(len(labels))
        if self.kind == "time" and not self.time.get("fillMissing", True):
            places = sorted({place for place, _ in now})
        elif self.kind != "time":
            places = (
                sorted({place for place, _ in now} | {place for place, _ in old}) if self.kind == "category" else [0]
            )
        splits = self.splits(now, old)
        result = []
        running: dict[str, Fraction] = {}
        for place in places:
            row: Row = {}
            if self.kind == "time":
                row[self.time["dimension"]] = labels[place]
                if self.compared and earlier:
                    row[f"{self.time['dimension']}__previous"] = earlier[place] if place < len(earlier) else None
            elif self.kind == "category":
                row[self.dimensions[0]["dimension"]] = self.name_of(0, place)
            for number, split in enumerate(splits, 1):
                for measure in self.measures:
                    field = measure["name"] + (f"__{number}" if self.split_from() < len(self.dimensions) else "")
                    future = self.kind == "time" and (place, split) not in now and not self.begun(labels[place])
                    row[field] = None if future else self.value(measure, now.get((place, split)))
                    self.run(measure, field, row, running)
                    if self.compared and (self.kind != "time" or earlier):
                        gone = self.kind == "time" and place >= len(earlier)
                        row[f"{field}__previous"] = None if gone else self.value(measure, old.get((place, split)))
                        self.run(measure, f"{field}__previous", row, running)
            if "target" in self.config:
                row["target"] = Fraction(self.config["target"]["value"])
            result.append((place, row))
        return [row for _, row in sorted(result, key=lambda pair: self.rank(*pair, now))][
            : self.config.get("limit", 10000)
        ]

    def run(self, measure: Row, field: str, row: Row, running: dict[str, Fraction]) -> None:
        if measure.get("runningTotal") and row[field] is not None:
            running[field] = row[field] = running.get(field, Fraction(0)) + row[field]

    def value(self, measure: Row, rows: list[Row] | None) -> Fraction | None:
        if rows is None:
            return Fraction(0) if measure["type"] in {"count", "countDistinct", "sum"} else None
        return self.measure(measure, rows)

    def split_from(self) -> int:
        return 1 if self.kind == "category" else 0

    def splits(self, *groups: dict[tuple[Any, tuple[Any, ...]], list[Row]]) -> list[tuple[Any, ...]]:
        if self.split_from() >= len(self.dimensions):
            return [()]
        return sorted({split for grouped in groups for _, split in grouped})

    def rank(self, place: int, row: Row, now: dict[tuple[Any, tuple[Any, ...]], list[Row]]) -> tuple[Any, ...]:
        keys: list[Any] = [self.kind == "category" and place == OTHER]
        for order in self.config.get("order", []):
            value = self.order_value(order["member"], place, now)
            keys.append((value is None, (-1 if order.get("direction") == "desc" else 1) * (value or 0)))
        return (*keys, place)

    def order_value(
        self, member: str, place: int, now: dict[tuple[Any, tuple[Any, ...]], list[Row]]
    ) -> Fraction | int | None:
        for measure in self.measures:
            if measure["name"] == member:
                rows = [row for (where, _), group in now.items() if where == place for row in group]
                return self.value(measure, rows or None)
        if self.kind == "time":
            return place
        return (
            sorted(range(len(self.tops[0])), key=lambda at: sortable(self.tops[0][at])).index(place)
            if place != OTHER
            else 0
        )


def span(words: Any, here: datetime, now: datetime) -> dict[str, tuple[datetime, datetime]]:  # noqa: ANN401  # as above
    """A date range and the one before it."""
    if isinstance(words, list):
        first, last = (datetime.fromisoformat(day) for day in words)
        days = (last - first).days + 1
        return {"now": (first, last + timedelta(days=1)), "old": (first - timedelta(days=days), first)}
    said = {"today": "this day", "yesterday": "last day"}.get(words.lower(), words.lower()).split()
    unit = next(
        part.removesuffix("s")
        for part in said
        if part.removesuffix("s") in {"hour", "day", "week", "month", "quarter", "year"}
    )
    count = next((int(part) for part in said if part.isdigit()), 1)
    if unit == "hour":
        hour = now.astimezone(UTC) - timedelta(minutes=here.minute, seconds=here.second, microseconds=here.microsecond)
        one = timedelta(hours=1)
        begin = hour if said[0] == "this" else hour - count * one
        end = hour if said[0] == "last" else hour + one
        return {"now": (begin, end), "old": (begin - (end - begin), begin)}
    if said[0] == "from":
        begin, end = floor(step(here, unit, -count), "day"), floor(here, "day") + timedelta(days=1)
        return {"now": (begin, end), "old": (begin - (end - begin), begin)}
    base = floor(here, unit)
    begin = base if said[0] == "this" else step(base, unit, -count)
    return {"now": (begin, step(begin, unit, count)), "old": (step(begin, unit, -count), begin)}


def floor(moment: datetime, unit: str) -> datetime:
    """The beginning of the day, ISO week, month, quarter or year."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case "week":
            return day - timedelta(days=day.isoweekday() - 1)
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


def step(moment: datetime, unit: str, count: int) -> datetime:
    """That many units later; a day that a month has not is its last."""
    if unit in {"day", "week"}:
        return moment + timedelta(days=count * (7 if unit == "week" else 1))
    months = moment.year * 12 + moment.month - 1 + count * {"month": 1, "quarter": 3, "year": 12}[unit]
    for day in range(moment.day, 0, -1):
        try:
            return moment.replace(year=months // 12, month=months % 12 + 1, day=day)
        except ValueError:
            continue
    raise AssertionError


def text(value: Any) -> str:  # noqa: ANN401  # as above
    return str(value).lower() if isinstance(value, bool) else str(value)


def shown(value: Any) -> Any:  # noqa: ANN401  # as above
    """What a value of a dimension looks like in JSON."""
    if value is None or (isinstance(value, int | Decimal) and not isinstance(value, bool)):
        return value
    return text(value)


def sortable(value: Any) -> tuple[Any, ...]:  # noqa: ANN401  # as above
    number = shown(value)
    return (value is None, number if isinstance(number, int | Decimal) else 0, text(value))
