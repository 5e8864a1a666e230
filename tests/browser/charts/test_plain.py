"""The code in docs/charts.md that needs no package draws the charts, too."""

from collections.abc import Iterator
from functools import cache

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.charts.bundle import bundle
from tests.browser.charts.conftest import Draw, draw_on, open_page
from tests.browser.charts.samples import DEFINITIONS, Chart
from tests.browser.charts.test_charts import labels_of, numbers, series_of
from tests.integration.docs.frontend import code_of

KINDS = ("line", "area", "bar", "pie")
TITLES = [title for title, config in DEFINITIONS.items() if config["chartType"] in KINDS]
LIBRARIES = ("ECharts", "Vega-Lite", "Recharts")
ENTRY = """
import * as echarts from "echarts";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import embed from "vega-embed";
import { toOption } from "./plain-echarts.ts";
import { Plain } from "./plain-recharts.tsx";
import { toSpec } from "./plain-vega-lite.ts";

const libraries = {
  ECharts: (element, chart) => echarts.init(element, null, { renderer: "svg" }).setOption(toOption(chart)),
  "Vega-Lite": (element, chart) => embed(element, toSpec(chart), { renderer: "svg", actions: false }),
  Recharts: (element, data) => createRoot(element).render(createElement(Plain, { data })),
};
const colors = ["#5070dd", "#b6d634", "#505372", "#ff994d", "#0ca8df", "#ffd10a", "#fb628b"]; // of ECharts 6
Object.assign(globalThis, { libraries, echarts, colors });
"""

each_library = pytest.mark.parametrize("library", LIBRARIES)
each_chart = pytest.mark.parametrize("title", TITLES)


@pytest.fixture(scope="module")
def plain_page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("plain")
    for block in code_of("charts.md"):
        (folder / str(block.file)).write_text(block.text)
    (folder / "page.js").write_text(ENTRY)
    page = open_page(browser, script=bundle(folder / "page.js"))
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def draw(plain_page: Page, data: dict[str, Chart]) -> Draw:
    return cache(lambda library, title: draw_on(plain_page, library, data[title]))


def expected_marks(chart: Chart) -> dict[str, int]:
    """Return the expected marks: a target is a dotted line here, and a pie shows only its first series."""
    values, previous, targets = (len(series_of(chart, role)) for role in ("value", "previous", "target"))
    match chart["chartType"]:
        case "bar":
            marks = {"bars": numbers(chart, "value") + numbers(chart, "previous"), "dashed": targets}
        case "pie":
            marks = {"slices": len(chart["rows"])}
        case kind:
            areas = {"areas": values} if kind == "area" else {}
            marks = {"lines": values, "dashed": previous + targets, **areas}
    return dict.fromkeys(("lines", "dashed", "areas", "bars", "slices", "targets"), 0) | marks


@each_library
@each_chart
def test_the_marks_are_those_of_the_chart_type(draw: Draw, data: dict[str, Chart], library: str, title: str) -> None:
    assert draw(library, title).marks == expected_marks(data[title])


@each_library
@each_chart
def test_the_legend_names_every_series_or_slice(draw: Draw, data: dict[str, Chart], library: str, title: str) -> None:
    chart = data[title]
    names = labels_of(chart) if chart["chartType"] == "pie" else [series["name"] for series in chart["series"]]
    assert set(names) <= set(draw(library, title).words())


@each_library
@pytest.mark.parametrize("title", [title for title in TITLES if DEFINITIONS[title]["chartType"] == "bar"])
def test_categories_keep_the_order_of_the_rows(draw: Draw, data: dict[str, Chart], library: str, title: str) -> None:
    expected = labels_of(data[title])
    assert draw(library, title).from_left(expected) == [
        text for text in expected if text in draw(library, title).words()
    ]
    assert draw(library, title).from_left(expected)[-1] == "Other"
