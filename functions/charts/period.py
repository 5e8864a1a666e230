"""Dates, moments, date ranges and time zones as a definition writes them."""

import re
import zoneinfo
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

EARLIEST_YEAR, LATEST_YEAR = 1970, 2099
CALENDAR_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?(Z|[+-](0\d|1[0-4]):[0-5]\d)?)?", re.ASCII
)
UNIT = "(hour|day|week|month|quarter|year)"
COUNT = r"(?!0+ )\d{1,4}"
RELATIVE_RANGE = re.compile(
    rf"today|yesterday|(this|last) {UNIT}|last {COUNT} {UNIT}s?|from {COUNT} {UNIT}s? ago to now",
    re.ASCII | re.IGNORECASE,
)
# Folders of zones hold files that are not zone names: localtime, posixrules, and copies under posix/ and right/.
ZONE = re.compile(r"[A-Z][A-Za-z0-9_+/-]{1,60}")


def _check_date(text: str) -> str:
    if not CALENDAR_DATE.fullmatch(text) or not _is_date(text):
        raise PydanticCustomError("date", "Must be a date of 1970 to 2099 as YYYY-MM-DD")
    return text


def _check_moment(text: str) -> str:
    if not MOMENT.fullmatch(text) or not _is_date(text[:10]):
        raise PydanticCustomError(
            "moment", "Must be a date or a moment of 1970 to 2099, as 2026-03-01 or 2026-03-01T18:30Z"
        )
    return text


def _is_date(text: str) -> bool:
    try:
        return EARLIEST_YEAR <= date.fromisoformat(text).year <= LATEST_YEAR
    except ValueError:
        return False


def _check_order(dates: list[str]) -> list[str]:
    if dates[0] > dates[-1]:
        raise PydanticCustomError("date_order", "The earlier date comes first")
    return dates


def _check_relative_range(words: str) -> str:
    if not RELATIVE_RANGE.fullmatch(words):
        raise PydanticCustomError(
            "relative_range",
            'Must be two dates, or words such as "today", "this month", "last 30 days", "from 7 days ago to now"',
        )
    return words


def _range_kind(value: object) -> str:
    """Return which of the two a range is: errors then concern only that one."""
    return "dates" if isinstance(value, list) else "words"


def _check_zone(name: str) -> str:
    if not ZONE.fullmatch(name) or not _is_zone(name):
        raise PydanticCustomError("time_zone", "Must be an IANA time zone such as America/New_York")
    return name


def _is_zone(zone: str) -> bool:
    """Check whether there is such a zone. Without a list of zones on this machine, the database decides."""
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, OSError, ValueError):
        return not any(Path(folder).is_dir() for folder in zoneinfo.TZPATH)
    return True


type CalendarDate = Annotated[str, AfterValidator(_check_date)]
type Moment = Annotated[str, AfterValidator(_check_moment)]
type AbsoluteRange = Annotated[list[CalendarDate], Field(min_length=2, max_length=2), AfterValidator(_check_order)]
type RelativeRange = Annotated[str, AfterValidator(_check_relative_range)]
type DateRange = Annotated[
    Annotated[RelativeRange, Tag("words")] | Annotated[AbsoluteRange, Tag("dates")], Discriminator(_range_kind)
]
type Zone = Annotated[str, AfterValidator(_check_zone)]
