"""The pictures of docs/charts.md: PICTURES=docs/charts writes them anew."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from local.demo.charts import DEFINITIONS
from local.state import ROOT
from tests.browser.charts.conftest import open_page
from tests.browser.charts.samples import Chart

PAGE = ROOT / "docs" / "charts.md"
MAX_BYTES = 100_000
DRAW = """async (chart) => {
  document.body.style.display = "flex";
  document.body.replaceChildren();
  for (const draw of Object.values(libraries)) {
    const element = document.createElement("div");
    element.style.cssText = "width: 400px; height: 300px; margin: 4px; overflow: hidden";
    document.body.append(element);
    await draw(element, chart, { locale: "en-US" });
  }
  await new Promise((done) => setTimeout(done, 1500));
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    page = open_page(browser)
    page.set_viewport_size({"width": 1224, "height": 308})
    yield page
    page.context.close()


def name_of(title: str) -> str:
    return f"charts/{title.lower().replace(' ', '-')}.png"


@pytest.mark.parametrize("title", DEFINITIONS)
def test_each_chart_of_the_demo_has_a_small_picture(page: Page, data: dict[str, Chart], title: str) -> None:
    page.evaluate(DRAW, data[title])
    picture = page.screenshot()
    assert len(picture) < MAX_BYTES
    if folder := os.environ.get("PICTURES"):
        (Path(folder) / name_of(title).rpartition("/")[2]).write_bytes(picture)
    assert f"({name_of(title)})" in PAGE.read_text()
    assert (PAGE.parent / name_of(title)).stat().st_size < MAX_BYTES
