"""Every chart of the demo, and one of each kind with all that a chart can have, as the three libraries draw them."""

from datetime import date

import pytest
from playwright.sync_api import Browser

from tests.browser.charts.conftest import Draw, Drawing, draw_on, open_page
from tests.browser.charts.samples import DEFINITIONS, Chart

LIBRARIES = ("ECharts", "Vega-Lite", "Recharts")
CARTESIAN = ("line", "area", "bar")

each_library = pytest.mark.parametrize("library", LIBRARIES)


def titles(*kinds: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "title", [title for title, config in DEFINITIONS.items() if config["chartType"] in kinds]
    )


def series_of(chart: Chart, role: str) -> list[Chart]:
    return [series for series in chart["series"] if series["role"] == role]


def labels_of(chart: Chart) -> list[str]:
    labels = [row[chart["axis"]["field"]] for row in chart["rows"]]
    if chart["axis"]["type"] == "category":
        return labels
    days = [date.fromisoformat(label) for label in labels]
    year = ", %Y" if len({day.year for day in days}) > 1 else ""
    return [day.strftime(f"%b {day.day}{year}") for day in days]


def numbers(chart: Chart, role: str) -> int:
    return sum(row[series["field"]] is not None for series in series_of(chart, role) for row in chart["rows"])


def expected_marks(chart: Chart) -> dict[str, int]:
    none = dict.fromkeys(("lines", "dashed", "areas", "bars", "slices", "targets"), 0)
    values, previous = len(series_of(chart, "value")), len(series_of(chart, "previous"))
    targets = {"targets": len(series_of(chart, "target"))}
    match chart["chartType"]:
        case "line":
            return none | targets | {"lines": values, "dashed": previous}
        case "area":
            return none | targets | {"lines": values, "dashed": previous, "areas": values}
        case "bar":
            return none | targets | {"bars": numbers(chart, "value") + numbers(chart, "previous")}
        case "pie":
            return none | {"slices": numbers(chart, "value") + numbers(chart, "previous")}
        case _:
            return none


@each_library
@pytest.mark.parametrize("title", DEFINITIONS)
def test_the_marks_are_those_of_the_chart_type(draw: Draw, data: dict[str, Chart], library: str, title: str) -> None:
    assert draw(library, title).marks == expected_marks(data[title])


@each_library
@titles(*CARTESIAN)
def test_the_legend_names_each_series_in_its_order(
    draw: Draw, data: dict[str, Chart], library: str, title: str
) -> None:
    names = [series["name"] for series in data[title]["series"]]
    said = [text for text in draw(library, title).words() if text in names]
    if title in {"A full line", "A full area"}:  # "Other" is one of the names and no category here
        assert said == names
    assert set(said) == set(names)


@each_library
@titles("line", "area")
def test_the_axis_shows_the_days_of_the_buckets(draw: Draw, data: dict[str, Chart], library: str, title: str) -> None:
    expected = labels_of(data[title])
    shown = draw(library, title).from_left(expected)
    assert len(shown) >= min(len(expected), 5)
    assert shown == [label for label in expected if label in shown]


@each_library
@titles("bar")
def test_categories_stand_in_the_order_of_the_rows_and_other_is_last(
    draw: Draw, data: dict[str, Chart], library: str, title: str
) -> None:
    shown = draw(library, title).from_left(labels_of(data[title]))
    assert shown == labels_of(data[title])
    assert shown[-1] == "Other"


@each_library
@titles("pie")
def test_a_pie_names_its_slices_with_other_last(draw: Draw, data: dict[str, Chart], library: str, title: str) -> None:
    labels = labels_of(data[title])
    drawing = draw(library, title)
    legend = [text for text in drawing.words() if text in labels][-len(labels) :]
    assert legend == labels
    total = sum(row["signatures"] for row in data[title]["rows"])
    assert f"{data[title]['rows'][0]['signatures'] / total:.1%}".replace(".0%", "%") in drawing.words()


@each_library
def test_a_target_without_an_axis_is_said(draw: Draw, library: str) -> None:
    assert "Goal: 1,500" in draw(library, "A full pie").words()


@each_library
def test_a_number_is_a_number_with_its_change(draw: Draw, data: dict[str, Chart], library: str) -> None:
    (row,) = data["A full number"]["rows"]
    change = row["signatures"] / row["signatures__previous"] - 1
    caption = f"▲ {change:.1%} ({row['signatures__previous']:,} before) · {row['signatures'] / 1500:.1%} of Goal 1,500"
    assert draw(library, "A full number").words() == [f"{row['signatures']:,}", "Signatures", caption]


def cells(chart: Chart) -> list[str]:
    values = [write(row[series["field"]], series) for series in chart["series"] for row in chart["rows"]]
    return [row[chart["axis"]["field"]] for row in chart["rows"]] + values


def write(value: float, series: Chart) -> str:
    """Write a number as a reader sees it: without separators in years, and without decimals in the demo's."""
    is_year = series.get("format", {}).get("grouping") is False
    return f"{value:.0f}" if is_year else f"{round(value, 2):,}"


@each_library
@titles("table")
def test_a_table_is_a_table(draw: Draw, data: dict[str, Chart], library: str, title: str) -> None:
    chart = data[title]
    drawing = draw(library, title)
    assert sorted(set(cells(chart)) - set(drawing.words())) == []
    words = " ".join(drawing.words())
    assert all(word in words for series in chart["series"] for word in series["name"].split())
    assert rows_of(drawing, chart) == sorted(rows_of(drawing, chart))


def rows_of(drawing: Drawing, chart: Chart) -> list[float]:
    """Return how far down each category stands, in the order of the rows."""
    heights = {text["text"]: text["y"] for text in drawing.texts}
    return [heights[row[chart["axis"]["field"]]] for row in chart["rows"]]


@each_library
def test_los_angeles_and_auckland_see_the_same_days(browser: Browser, data: dict[str, Chart], library: str) -> None:
    seen = []
    for zone in ("America/Los_Angeles", "Pacific/Auckland"):
        page = open_page(browser, zone)
        drawings = [draw_on(page, library, data[title]) for title in ("Signatures a day", "On the way to the goal")]
        seen.append([drawing.words() for drawing in drawings])
        page.context.close()
    assert seen[0] == seen[1]
    assert "Oct 24" in seen[0][0] or "Oct 25" in seen[0][0]
