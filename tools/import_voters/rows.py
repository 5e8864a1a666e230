"""Read a voter file: each row is a voter, or a sentence about what is wrong with it."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tools.import_voters.columns import map_columns

if TYPE_CHECKING:
    import _csv

type Value = str | int | None
type Voter = dict[str, Value]

MAX_TEXT = 255  # what Directus makes of a string in a database
YEARS = range(1800, 2201)
YEAR = re.compile(r"\d{4}", re.ASCII)
DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y", "%Y%m%d", "%m/%d/%y")
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Row:
    """A voter and the line of the file on which the row ends."""

    line: int
    voter: Voter


@dataclass(frozen=True)
class BadRow:
    """A row that is left out. The sentence repeats nothing of the row: it may be printed anywhere."""

    line: int
    problem: str


class ProblemError(Exception):
    """What is wrong with a value."""


def read_rows(file: Path, encoding: str, chosen: Mapping[str, str]) -> Iterator[Row | BadRow]:
    """Yield each row of the file, in order.

    Raises:
        UnknownColumnsError: see `map_columns`.
        UnicodeDecodeError: the file has another encoding.
    """
    with file.open(encoding=encoding, newline="") as opened:
        first = opened.readline()
        opened.seek(0)
        reader = csv.reader(opened, delimiter=_delimiter(first), strict=True)
        header = [column.strip() for column in next(reader, [])]
        fields = map_columns(header, chosen)
        lines: dict[Value, int] = {}
        for row in _rows(reader):
            if row == []:
                continue
            read = row if isinstance(row, BadRow) else _read(row, reader.line_num, len(header), fields)
            if isinstance(read, Row) and (earlier := lines.setdefault(read.voter["voterId"], read.line)) != read.line:
                yield BadRow(read.line, f"voterId is that of line {earlier} again")
            else:
                yield read


def _rows(reader: "_csv.Reader") -> Iterator[list[str] | BadRow]:
    while True:
        try:
            yield next(reader)
        except csv.Error as error:
            yield BadRow(reader.line_num, str(error))
        except StopIteration:
            return


def _delimiter(line: str) -> str:
    return max(",\t;|", key=line.count)


def _read(values: list[str], line: int, width: int, fields: Mapping[int, str]) -> Row | BadRow:
    if len(values) != width:
        return BadRow(line, f"has {len(values)} values, and the header has {width} columns")
    voter: Voter = {}
    for place, field in fields.items():
        try:
            voter[field] = convert(field, values[place].strip())
        except ProblemError as problem:
            return BadRow(line, f"{field} {problem}")
    return Row(line, voter)


def convert(field: str, text: str) -> Value:
    """Return a value as Directus stores it.

    Raises:
        ProblemError: the field cannot hold it.
    """
    if not text:
        if field == "voterId":
            raise ProblemError("is missing")
        return None
    if field == "birthYear":
        return _year(text)
    if field == "registrationDate":
        return _date(text).isoformat()
    if len(text) > MAX_TEXT:
        raise ProblemError(f"is longer than {MAX_TEXT} characters")
    if CONTROL_CHARACTER.search(text):
        raise ProblemError("holds a control character")
    return text


def _year(text: str) -> int:
    year = int(text) if YEAR.fullmatch(text) else _date(text).year
    if year not in YEARS:
        raise ProblemError("is not a year")
    return year


def _date(text: str) -> date:
    day = text.partition("T")[0].partition(" ")[0]
    for form in DATES:
        try:
            return datetime.strptime(day, form).date()  # noqa: DTZ007 - a day, which has no zone
        except ValueError:
            continue
    raise ProblemError("is not a date")
