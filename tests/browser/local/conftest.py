"""A page that the local stack serves, or that another origin does, and everything that it writes to its console."""

import pytest
from playwright.sync_api import ConsoleMessage, Page


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """Errors and warnings in the page's console, refusals of its Content-Security-Policy among them."""
    written: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            written.append(message.text)

    page.on("console", note)
    return written
