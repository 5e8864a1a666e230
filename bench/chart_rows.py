"""The lines of the table that `python -m bench.charts` measured: a chart, beside hand-written SQL and beside paging."""

import json
from collections.abc import Iterator

from pydantic import BaseModel

from bench.charts import AT_LEAST_PAGED, AT_MOST_HAND_WRITTEN, MOST_TRACED, OUTPUT, SLOWEST_AT
from bench.report import Limit, Row


class Figure(BaseModel):
    """One chart over so many rows, in ms."""

    chart: str
    rows: int
    generated_ms: float
    by_hand_ms: float | None
    paged_ms: float | None


def chart_rows() -> Iterator[Row]:
    """One line a figure; none where charts have not been measured."""
    if not OUTPUT.exists():
        return
    for figure in json.loads(OUTPUT.read_text())["figures"]:
        yield _row(Figure.model_validate(figure))


def _row(figure: Figure) -> Row:
    to_hand = figure.generated_ms / figure.by_hand_ms if figure.by_hand_ms else None
    to_paged = figure.generated_ms / figure.paged_ms if figure.paged_ms else None
    return Row(
        f"chart over {figure.rows:,} rows (floor: SQL by hand; peer: paging)",
        figure.chart,
        _ms(figure.generated_ms),
        _ms(figure.by_hand_ms),
        _ms(figure.paged_ms),
        to_floor=to_hand,
        to_peer=to_paged,
        limits=[*_limits(figure.rows, to_hand, to_paged)],
    )


def _limits(rows: int, to_hand: float | None, to_paged: float | None) -> Iterator[Limit]:
    """Over few rows, what does not grow with them weighs more: there is no target for those."""
    if to_hand is not None and rows >= SLOWEST_AT:
        yield Limit(to_hand, AT_MOST_HAND_WRITTEN, "x floor")
    if to_paged is not None and rows >= MOST_TRACED:
        yield Limit(to_paged, 1 / AT_LEAST_PAGED, "x peer")


def _ms(milliseconds: float | None) -> str:
    return "" if milliseconds is None else f"{milliseconds:,.1f} ms"
