"""A browser for each file, and a page for each test.

Playwright keeps an event loop running in the main thread for as long as it lives, in which no other test could run one.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import run_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own context. An error that the page throws fails the test."""
    with browser.new_context(locale="en-US", viewport={"width": 900, "height": 700}) as context:
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        assert errors == []
