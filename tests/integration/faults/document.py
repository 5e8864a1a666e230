"""Writes the tables of docs/reliability.md from the matrix: `make reliability`."""

import re
from collections.abc import Iterator
from itertools import groupby

from local.state import ROOT
from tests.integration.faults.matrix import FINE, TABLES, Row, Table

DOCUMENT = ROOT / "docs" / "reliability.md"
PLACE = re.compile(r"(<!-- tables -->\n).*(<!-- end of tables -->)", re.DOTALL)


def with_tables(text: str) -> str:
    """Return the page with the matrix's tables."""
    return PLACE.sub(lambda found: found[1] + "\n".join(_lines()) + found[2], text)


def _lines() -> Iterator[str]:
    for table in TABLES:
        yield f"\n### {table.service}\n"
        yield f"Met by: {', '.join(f'`{route}`' for route in table.routes)}." + _exceptions(table) + "\n"
        yield "| it ... | first call | connection in use | within |"
        yield "| --- | --- | --- | --- |"
        for (first, kept, within), rows in groupby(table.rows, key=lambda row: (row.first, row.kept, row.within)):
            yield f"| {_faults(list(rows))} | {_cell(first)} | {_cell(kept)} | {within:g} s |"
    yield ""


def _faults(rows: list[Row]) -> str:
    """Faults that are answered alike, in one line."""
    replies = [row.fault.removeprefix("answers ") for row in rows]
    if len(rows) > 1 and all(row.fault.startswith("answers ") for row in rows):
        return "answers " + ", ".join(reply.strip() for reply in replies)
    return ", or ".join(row.fault for row in rows)


def _cell(words: str | None) -> str:
    if words is None:
        return "-"
    return "as usual" if words == FINE else f"`{words}`"


def _exceptions(table: Table) -> str:
    lines = []
    if table.fine:
        lines.append(f" {', '.join(f'`{route}`' for route in table.fine)} do without it and answer as usual.")
    if table.recovers_within:
        lines.append(
            f" It is asked again after 2 s: requests succeed within {table.recovers_within:g} s of its return."
        )
    return "".join(lines)


if __name__ == "__main__":
    DOCUMENT.write_text(with_tables(DOCUMENT.read_text()))
