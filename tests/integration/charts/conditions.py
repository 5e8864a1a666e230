"""Whether a row fulfils a filter, for the independent calculation."""

import math
import operator
import struct
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from tests.integration.charts.periods import Clocks, Moment, instant, span

Row = dict[str, Any]
SIGNS = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}


def holds(item: Row, row: Row, clocks: Clocks) -> bool:
    """Whether a condition or a group of them is true of a row."""
    if "and" in item:
        return all(holds(member, row, clocks) for member in item["and"])
    if "or" in item:
        return any(holds(member, row, clocks) for member in item["or"])
    value, values = row[item["member"]], item.get("values", [])
    if item["member"] == "weight":
        values = [round_to_single(wanted) for wanted in values]
    if item["operator"] in {"set", "notSet"}:
        return bool((value is not None) == (item["operator"] == "set"))
    if item["operator"] == "notEquals":
        return value is None or not compares("equals", value, values, clocks)
    return value is not None and compares(item["operator"], value, values, clocks)


def compares(name: str, value: Any, values: list[Any], clocks: Clocks) -> bool:  # noqa: ANN401  # of any column
    """One operator on a value that is there."""
    match name:
        case "equals":
            return any(is_same(value, wanted, clocks) for wanted in values)
        case "contains":
            return any(wanted.lower() in value.lower() for wanted in values)
        case "startsWith":
            return any(value.lower().startswith(wanted.lower()) for wanted in values)
        case "inDateRange":
            wanted = values[0] if len(values) == 1 else values
            return clocks.within(value, span(wanted, clocks.here, clocks.now)["now"])
    if isinstance(values[0], str):
        return bool(SIGNS[name](*moments(value, values[0], clocks)))
    return bool(SIGNS[name](exact_number(value), exact_number(values[0])))


def is_same(value: Any, wanted: Any, clocks: Clocks) -> bool:  # noqa: ANN401  # of any column
    """Whether a value is the one wanted, which is written as JSON."""
    return bool(operator.eq(*moments(value, wanted, clocks)) if isinstance(value, date) else value == wanted)


def exact_number(number: float) -> Fraction | float:
    """A number for exact comparison; NaN counts as larger than any number."""
    return math.inf if math.isnan(number) else Fraction(number)


def round_to_single(number: float) -> float:
    """The number in single precision."""
    (rounded,) = struct.unpack("f", struct.pack("f", number))
    return float(rounded)


def moments(value: Moment, wanted: str, clocks: Clocks) -> tuple[Moment, Moment]:
    """Both sides of a comparison of moments, or of dates."""
    moment = datetime.fromisoformat(wanted)
    if not isinstance(value, datetime):
        return value, moment.date()
    return instant(value), instant(moment) if moment.tzinfo else clocks.first_instant(moment)
