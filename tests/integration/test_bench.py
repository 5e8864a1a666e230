"""The benchmark's sections, over so little that their figures mean nothing: what they measure can still be measured."""

from collections.abc import Callable, Iterable

import pytest

from bench import chart_schedule, charts, signers
from bench.report import PAGE, Row, read_sections, table, write_page


@pytest.mark.parametrize(
    ("measure", "first"),
    [
        (lambda: charts.rows([1_000]), "chart over 1,000 rows"),
        (lambda: chart_schedule.rows(40), "40 due charts"),
        (lambda: signers.rows(1_000), "set of 1,000 signers"),
    ],
    ids=["charts", "schedule", "signers"],
)
def test_a_section_can_be_measured(measure: Callable[[], Iterable[Row]], first: str) -> None:
    rows = [*measure()]
    assert rows[0].measured.startswith(first)
    assert table(rows).count("\n") == len(rows) + 2


def test_the_page_shows_what_was_measured_last() -> None:
    assert write_page(read_sections()) == PAGE.read_text("utf-8")
