"""The charts' data from a real database, and a page that draws them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page

from testing import postgres
from tests.browser.charts import samples
from tests.browser.charts.bundle import FOLDER, bundle
from tests.browser.charts.samples import Chart

# A chart is drawn once it no longer changes from one frame to the next. ECharts tells when its animation is over, if it
# has one.
DRAW = """async ([library, chart]) => {
  const element = document.createElement("div");
  element.style.cssText = "width: 1500px; height: 380px";
  document.body.replaceChildren(element);
  await libraries[library](element, chart, { locale: "en-US" });
  const animated = echarts.getInstanceByDom(element);
  if (animated) await new Promise((done) => (animated.on("finished", done), setTimeout(done, 1500)));
  for (let before = null; before !== element.innerHTML; ) {
    before = element.innerHTML;
    for (let frame = 0; frame < 5; frame += 1) await new Promise(requestAnimationFrame);
  }
}"""


@dataclass(frozen=True)
class Drawing:
    """What a reader sees: how many marks there are of each kind, and which texts stand where."""

    marks: dict[str, int]
    texts: list[dict[str, Any]]

    def words(self) -> list[str]:
        return [text["text"] for text in self.texts]

    def from_left(self, wanted: list[str]) -> list[str]:
        """Those of the wanted texts that stand on the drawing, from left to right."""
        return [text["text"] for text in sorted(self.texts, key=lambda text: text["x"]) if text["text"] in wanted]


type Draw = Callable[[str, str], Drawing]


@pytest.fixture(scope="session")
def data() -> Iterator[dict[str, Chart]]:
    """The data of each chart by its title, as `generate_chart_data` makes them."""
    with postgres.server() as server:
        server.create_project("charts")
        with server.connect("charts") as connection:
            yield samples.generate(connection)


def open_page(browser: Browser, zone: str = "America/Los_Angeles", script: str | None = None) -> Page:
    """A page with the libraries of `script`, or of page.js."""
    context = browser.new_context(
        locale="en-US", timezone_id=zone, viewport={"width": 1600, "height": 1000}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_content("<body style='margin: 0; font: 14px sans-serif'></body>")
    page.add_script_tag(content=script or bundle(FOLDER / "page.js"))
    page.add_script_tag(path=FOLDER / "facts.js")
    return page


@pytest.fixture(scope="module")
def charts_page(browser: Browser) -> Iterator[Page]:
    page = open_page(browser)
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def draw(charts_page: Page, data: dict[str, Chart]) -> Draw:
    """Draws a chart by its title, once with each library."""
    return cache(lambda library, title: draw_on(charts_page, library, data[title]))


def draw_on(page: Page, library: str, chart: Chart) -> Drawing:
    """Draw, wait until nothing changes any more, and read the result."""
    errors: list[str] = []

    def listen(error: Error) -> None:
        errors.append(str(error))

    page.on("pageerror", listen)
    page.evaluate(DRAW, [library, chart])
    page.remove_listener("pageerror", listen)
    assert errors == []
    return Drawing(**page.evaluate("library => facts(library, document.body.firstChild)", library))
