from playwright.sync_api import Browser, Page


def test_a_page_runs_its_scripts(page: Page) -> None:
    page.set_content("<p id=sum></p><script>sum.textContent = new Intl.NumberFormat().format(1000 + 234)</script>")
    assert page.inner_text("#sum") == "1,234"


def test_each_context_has_its_own_time_zone(browser: Browser) -> None:
    for zone, day in (("America/Los_Angeles", "Sat Oct 31"), ("Pacific/Auckland", "Sun Nov 01")):
        with browser.new_context(timezone_id=zone) as context:
            assert context.new_page().evaluate("new Date('2026-11-01T00:00Z').toDateString()") == f"{day} 2026"
