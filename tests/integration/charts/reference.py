"""A chart's rows calculated from the rows of its source, one by one, in Python.

It shares nothing with the SQL, which cuts time at instants and lets the database group; this looks at each row's local
time.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.integration.charts.conditions import Row, holds
from tests.integration.charts.periods import Clocks, Moment, floor, instant, span, step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

OTHER = 1000
CAMPAIGN = "5f0c2a4e-7d31-4b8e-9a16-3c0de2f4b7a1"
GOAL = 50
Split = tuple[int, ...]
Groups = dict[tuple[int, Split], list[Row]]
Totals = dict[str, Fraction | None]
OF_NOTHING = {"count": Fraction(0), "countDistinct": Fraction(0), "sum": Fraction(0)}
OF_NUMBERS: dict[str, Callable[[list[Fraction]], Fraction]] = {
    "sum": lambda numbers: sum(numbers, Fraction(0)),
    "avg": lambda numbers: sum(numbers, Fraction(0)) / len(numbers),
    "min": min,
    "max": max,
}


class Chart:
    """One definition over one set of rows at one moment, for one campaign or for all."""

    def __init__(self, config: Row, rows: list[Row], now: datetime, campaign: str | None = None) -> None:
        self.config = config
        self.clocks = Clocks(config.get("timezone", "UTC"), now)
        self.time = config.get("timeDimension", {})
        self.unit = self.time.get("granularity")
        self.is_compared = "compare" in self.time
        self.dimensions = config.get("dimensions", [])
        self.measures = config["measures"]
        self.kind = "time" if self.unit else "category" if self.dimensions else "none"
        ours = [row for row in rows if campaign in {None, row["campaign_id"]}]
        kept = [row for row in ours if all(holds(item, row, self.clocks) for item in config.get("filters", []))]
        self.spans = self.spans_of(kept)
        self.rows_now = [row for row in kept if self.lies_in(row, "now")]
        self.rows_old = [row for row in kept if self.lies_in(row, "old")] if self.is_compared else []
        self.labels = {which: self.labels_of(which) for which in ("now", "old")}
        self.tops = [self.top(dimension) for dimension in self.dimensions]
        self.now, self.old = self.groups(self.rows_now, "now"), self.groups(self.rows_old, "old")

    # --- time ---

    def spans_of(self, rows: list[Row]) -> dict[str, tuple[datetime, datetime]]:
        """The period, and the one before if there is one."""
        if "dateRange" in self.time:
            return span(self.time["dateRange"], self.clocks.here, self.clocks.now)
        found = [row[self.time["dimension"]] for row in rows if self.time and row[self.time["dimension"]]]
        if not found:
            return {}
        if self.unit == "hour":
            hours = [self.clocks.hour(instant(value)) for value in found]
            return {"now": (min(hours), max(hours) + timedelta(hours=1))}
        days = [floor(self.clocks.local(value), self.unit) for value in found]
        return {"now": (min(days), step(max(days), self.unit, 1))}

    def lies_in(self, row: Row, which: str) -> bool:
        if not self.time:
            return True
        value = row[self.time["dimension"]]
        return value is not None and which in self.spans and self.clocks.within(value, self.spans[which])

    def label(self, value: Moment) -> str:
        """The bucket that a moment belongs to."""
        if self.unit == "hour" and isinstance(value, datetime):
            return instant(value).astimezone(self.clocks.zone).replace(minute=0, second=0, microsecond=0).isoformat()
        return floor(self.clocks.local(value), self.unit).date().isoformat()

    def labels_of(self, which: str) -> list[str]:
        """The buckets of a period."""
        if which not in self.spans or not self.unit:
            return []
        start, end = self.spans[which]
        if self.unit == "hour":
            return self.hours(start, end)
        if self.is_skipped(start, end):
            return []
        day = floor(self.clocks.local(start) if start.tzinfo else start, self.unit)
        last = self.clocks.local(end - timedelta(seconds=1)) if end.tzinfo else end - timedelta(seconds=1)
        labels = []
        while day <= last:
            skipped = self.unit == "day" and self.time["dimension"] != "day" and not self.clocks.exists(day)
            labels += [day.date().isoformat()] * (not skipped)
            day = step(day, self.unit, 1)
        return labels

    def is_skipped(self, start: datetime, end: datetime) -> bool:
        """Whether the zone's clocks never showed any of it. A date is there all the same."""
        bounds = (side if side.tzinfo else self.clocks.first_instant(side) for side in (start, end))
        return self.time["dimension"] != "day" and next(bounds) == next(bounds)

    def hours(self, start: datetime, end: datetime) -> list[str]:
        first, last = (side if side.tzinfo else self.clocks.first_instant(side) for side in (start, end))
        hours = []
        while first < last:
            hours.append(self.label(first))
            first += timedelta(hours=1)
        return hours

    def has_begun(self, label: str) -> bool:
        begins = datetime.fromisoformat(label)
        if begins.tzinfo:
            return begins <= self.clocks.now
        start = self.spans["now"][0]
        return (begins if start.tzinfo else max(begins, start)) <= self.clocks.here

    # --- dimensions ---

    def top(self, dimension: Row) -> list[Any]:
        """The values kept, largest by the first measure first; of two alike the one whose text is smaller.

        Values that the earlier period alone has come after all others.
        """
        name = dimension["dimension"]
        values = {row[name] for row in (*self.rows_now, *self.rows_old)}
        here = {row[name] for row in self.rows_now}
        ranks = {
            value: (
                value not in here,
                *self.rank_of(self.rows_now, name, value),
                *self.rank_of(self.rows_old, name, value),
            )
            for value in values
        }
        order = sorted(ranks, key=lambda value: (ranks[value], value is None, text(value)))
        return order[: dimension.get("limit", 10)]

    def rank_of(self, rows: list[Row], name: str, value: object) -> tuple[bool, Fraction]:
        """Totals that are not a number come last; that of no rows is what a chart shows for none, such as 0."""
        total = calculate(self.measures[0], [row for row in rows if row[name] == value] or None)
        return total is None, -(total or Fraction(0))

    def places(self, row: Row) -> Split | None:
        """Where a row's values are among the top ones, or OTHER; None where it is left out."""
        places = []
        for dimension, top in zip(self.dimensions, self.tops, strict=True):
            value = row[dimension["dimension"]]
            if value not in top and not dimension.get("other", True):
                return None
            places.append(top.index(value) if value in top else OTHER)
        return tuple(places)

    def name_of(self, place: int) -> object:
        """The label of a category."""
        values = [as_json(value) for value in self.tops[0]]
        if place == OTHER:
            return free_name(values, "Other", "Other (rest)", "Other (rest 2)")
        if values[place] is None:
            return free_name(values, "(none)", "(no value)", "(no value 2)")
        return values[place]

    # --- the result ---

    def groups(self, rows: list[Row], which: str) -> Groups:
        """Rows by their place on the axis and their series."""
        grouped: Groups = {}
        labels = self.labels[which]
        for row in rows:
            if (places := self.places(row)) is None:
                continue
            match self.kind:
                case "time":
                    key = labels.index(self.label(row[self.time["dimension"]])), places
                case "category":
                    key = places[0], places[1:]
                case _:
                    key = 0, ()
            grouped.setdefault(key, []).append(row)
        return grouped

    @property
    def is_split(self) -> bool:
        return len(self.dimensions) > (self.kind == "category")

    def ticks(self) -> Iterable[int]:
        """The places on the axis."""
        if self.kind == "none":
            return [0]
        if self.kind == "category":
            return sorted({place for place, _ in (*self.now, *self.old)})
        return range(len(self.labels["now"]))

    def is_kept(self, place: int) -> bool:
        """Whether a place is drawn."""
        return self.kind != "time" or self.time.get("fillMissing", True) or any(place == there for there, _ in self.now)

    def rows(self) -> list[Row]:
        """The rows of the result."""
        splits = sorted({split for _, split in (*self.now, *self.old)}) if self.is_split else [()]
        running: Totals = {}
        rows = {place: self.head(place) for place in self.ticks()}
        for place, row in rows.items():
            for number, split in enumerate(splits, 1):
                for measure in self.measures:
                    field = measure["name"] + (f"__{number}" if self.is_split else "")
                    row[field] = self.value(measure, place, split)
                    if self.is_compared:
                        row[f"{field}__previous"] = self.earlier_value(measure, place, split)
                    if measure.get("runningTotal"):
                        run(row, running, field, (place, split) in self.now)
                        run(row, running, f"{field}__previous", (place, split) in self.old)
        order = sorted(filter(self.is_kept, rows), key=self.rank)
        return [rows[place] for place in order][: self.config.get("limit", 10000)]

    def head(self, place: int) -> Row:
        """What a row holds besides its measures."""
        row: Row = {"target": Fraction(self.config["target"].get("value", GOAL))} if "target" in self.config else {}
        if self.kind == "category":
            row[self.dimensions[0]["dimension"]] = self.name_of(place)
        elif self.kind == "time":
            row[self.time["dimension"]] = self.labels["now"][place]
            if self.is_compared:
                old = self.labels["old"]
                row[f"{self.time['dimension']}__previous"] = old[place] if place < len(old) else None
        return row

    def value(self, measure: Row, place: int, split: Split) -> Fraction | None:
        if (place, split) not in self.now and self.kind == "time" and not self.has_begun(self.labels["now"][place]):
            return None
        return calculate(measure, self.now.get((place, split)))

    def earlier_value(self, measure: Row, place: int, split: Split) -> Fraction | None:
        if self.kind == "time" and place >= len(self.labels["old"]):
            return None
        return calculate(measure, self.old.get((place, split)))

    def rank(self, place: int) -> tuple[Any, ...]:
        """Where a row lies among the others."""
        keys: list[Any] = [self.kind == "category" and place == OTHER]
        for order in self.config.get("order", []):
            value = self.order_value(order["member"], place)
            keys.append((value is None, (-1 if order.get("direction") == "desc" else 1) * (value or 0)))
        return (*keys, place)

    def order_value(self, member: str, place: int) -> Fraction | int | None:
        for measure in self.measures:
            if measure["name"] == member:
                rows = [row for (where, _), group in self.now.items() if where == place for row in group]
                if not rows and self.kind == "time" and not self.has_begun(self.labels["now"][place]):
                    return None
                return calculate(measure, rows or None)
        if self.kind == "time" or place == OTHER:
            return place
        return sorted(range(len(self.tops[0])), key=lambda index: sort_key(self.tops[0][index])).index(place)


def calculate(measure: Row, rows: list[Row] | None) -> Fraction | None:
    """A measure of rows, or of none."""
    if rows is None:
        return OF_NOTHING.get(measure["type"])
    if measure["type"] == "count":
        return Fraction(len(rows))
    values = [row[measure["field"]] for row in rows if row[measure["field"]] is not None]
    if measure["type"] == "countDistinct":
        return Fraction(len(set(values)))
    numbers = [Fraction(value) for value in values if not is_nan(value)]
    if len(numbers) < len(values) and (measure["type"] != "min" or not numbers):  # more than any number
        return None
    return OF_NUMBERS[measure["type"]](numbers) if numbers else OF_NOTHING.get(measure["type"])


def is_nan(value: object) -> bool:
    """Check whether a value is a float that is not a number."""
    return isinstance(value, float) and math.isnan(value)


def run(row: Row, running: Totals, field: str, has_rows: bool) -> None:
    """Turn a row's value into the total so far, which is unknown once a value is not a number."""
    value, total = row.get(field), running.get(field, Fraction(0))
    if value is not None:
        running[field] = row[field] = None if total is None else total + value
    elif has_rows:
        running[field] = None


def free_name(values: list[object], *names: str) -> str:
    """The first that no value has."""
    return next(name for name in names if name not in values)


def text(value: object) -> str:
    """A value as the database writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def as_json(value: object) -> object:
    """What a value of a dimension looks like in JSON."""
    if value is None or (isinstance(value, int | Decimal) and not isinstance(value, bool)):
        return value
    return text(value)


def sort_key(value: object) -> tuple[Any, ...]:
    """Numbers by size, the rest by its text, what is missing last."""
    number = as_json(value)
    return (value is None, number if isinstance(number, int | Decimal) else 0, text(value))
