"""Date ranges, units of the calendar and the clocks of a zone, for the independent calculation."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

type Moment = datetime | date
# From one up to the other: by the zone's clocks, or, with an offset, in elapsed time.
type Bounds = tuple[datetime, datetime]
UNITS = ("hour", "day", "week", "month", "quarter", "year")


def span(words: str | list[str], here: datetime, now: datetime) -> dict[str, Bounds]:
    """A date range and the one before it."""
    if isinstance(words, list):
        first, last = (datetime.fromisoformat(day) for day in words)
        days = (last - first).days + 1
        return {"now": (first, last + timedelta(days=1)), "old": (first - timedelta(days=days), first)}
    parts = {"today": "this day", "yesterday": "last day"}.get(words.lower(), words.lower()).split()
    unit = next(part.removesuffix("s") for part in parts if part.removesuffix("s") in UNITS)
    count = next((int(part) for part in parts if part.isdigit()), 1)
    if unit == "hour":
        hour = now.astimezone(UTC) - timedelta(minutes=here.minute, seconds=here.second, microseconds=here.microsecond)
        one = timedelta(hours=1)
        begin = hour if parts[0] == "this" else hour - count * one
        end = hour if parts[0] == "last" else hour + one
        return {"now": (begin, end), "old": (begin - (end - begin), begin)}
    if parts[0] == "from":
        begin, end = floor(step(here, unit, -count), "day"), floor(here, "day") + timedelta(days=1)
        return {"now": (begin, end), "old": (begin - (end - begin), begin)}
    base = floor(here, unit)
    begin = base if parts[0] == "this" else step(base, unit, -count)
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
    """That many units later; a day beyond the end of a month becomes its last."""
    if unit in {"day", "week"}:
        return moment + timedelta(days=count * (7 if unit == "week" else 1))
    months = moment.year * 12 + moment.month - 1 + count * {"month": 1, "quarter": 3, "year": 12}[unit]
    for day in range(moment.day, 0, -1):
        try:
            return moment.replace(year=months // 12, month=months % 12 + 1, day=day)
        except ValueError:
            continue
    raise AssertionError


class Clocks:
    """What the clocks of a zone show. A moment without an offset is UTC, a date is its own midnight."""

    def __init__(self, zone: str, now: datetime) -> None:
        self.zone, self.now = ZoneInfo(zone), now
        self.here = self.local(now)

    def local(self, value: Moment) -> datetime:
        if not isinstance(value, datetime):
            return datetime(value.year, value.month, value.day)  # noqa: DTZ001  # local times have no offset here
        return instant(value).astimezone(self.zone).replace(tzinfo=None)

    def hour(self, moment: datetime) -> datetime:
        """The instant at which the hour of a moment began, in a zone whose clocks are set by whole hours."""
        clock = self.local(moment)
        return moment - timedelta(minutes=clock.minute, seconds=clock.second)

    def first_instant(self, local: datetime) -> datetime:
        """The first at which the clocks show this or more."""
        near = local.replace(tzinfo=self.zone).astimezone(UTC)
        around = (near + timedelta(minutes=minutes) for minutes in range(-180, 181, 15))
        return min(moment for moment in around if self.local(moment) >= local)

    def exists(self, day: datetime) -> bool:
        """Whether the day exists: a zone that moves across the date line skips one."""
        return self.local(day.replace(hour=12, tzinfo=self.zone)).date() == day.date()

    def within(self, value: Moment, bounds: Bounds) -> bool:
        if bounds[0].tzinfo and isinstance(value, datetime):
            return bounds[0] <= instant(value) < bounds[1]
        return bounds[0] <= self.local(value) < bounds[1]


def instant(value: datetime) -> datetime:
    """A moment in UTC."""
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
