"""The page at `/`, walked through in a real browser, with the mouse and without."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from local.description import Description
from local.state import ROOT

AXE = (Path(__file__).parents[1] / "node_modules/axe-core/axe.min.js").read_text()
MILLISECONDS = 60_000
CHART_TYPES = ["area", "bar", "line", "number", "pie", "table"]
expect.set_options(timeout=MILLISECONDS)


def sign_in(page: Page, stack: Description, name: str = "Organizer") -> None:
    page.set_default_timeout(MILLISECONDS)
    page.goto(stack.api)
    page.get_by_role("button", name=name).click()
    expect(page.locator("#who")).to_have_text(f"Signed in as {name.lower()}")


def serious_breaches(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("axe.run()")["violations"]
    return [each["id"] for each in found if each["impact"] in {"serious", "critical"}]


def test_from_signing_in_to_a_drawn_chart(page: Page, stack: Description, complaints: list[str]) -> None:
    sign_in(page, stack)

    page.locator("#search").get_by_role("button", name="Send").click()
    expect(page.locator("#summary .summary")).to_contain_text("5 of ")
    assert page.locator("#summary tbody tr").count() == 5
    assert "Authorization: Bearer $TOKEN" in page.inner_text("#curl")

    page.get_by_label("Credentials").select_option("search")
    page.locator("#search").get_by_role("button", name="Send").click()
    expect(page.locator("#curl")).to_contain_text("/api/essearch \\")
    expect(page.locator("#status")).to_have_text("200 OK")

    for choice, words in (("has not signed", "This voter has not signed."), ("has signed", "This voter has signed.")):
        page.get_by_role("button", name=choice, exact=True).click()
        page.locator("#duplicate").get_by_role("button", name="Send").click()
        expect(page.locator("#summary")).to_have_text(words)

    page.locator("#permissions").get_by_role("button", name="Send").click()
    expect(page.locator("#summary")).to_have_text(f"Dropped: permissions-{stack.users.organizer.id}")

    expect(page.locator("#chart-grid .chart svg").nth(5)).to_be_visible()
    assert {*CHART_TYPES} <= {*page.locator("figcaption code").all_inner_texts()}
    page.get_by_role("button", name="Generate: Signatures a day").click()
    expect(page.locator("#summary")).to_contain_text("Generated at 2")
    expect(page.locator(f"#chart-{stack.chart.id} svg")).to_contain_text("Signatures (previous period)")
    assert len(page.inner_text("#request-id")) > 8
    assert complaints == []


MISSPELT = {
    "Tyronne Forster": ("Tyrone", "Foster"),
    "dandre yellohorse": ("D'Andre", "Yellowhorse"),
    "Castaneda Jon": ("John", "Castañeda"),
}


def test_misspelt_voters_are_found_where_spelling_is_forgiven(page: Page, stack: Description) -> None:
    sign_in(page, stack)
    send, summary = page.locator("#search").get_by_role("button", name="Send"), page.locator("#summary")
    for words, (first_name, last_name) in MISSPELT.items():
        page.get_by_role("button", name=words).click()
        page.get_by_label("Spelling").select_option("")
        send.click()
        expect(summary).to_have_text("0 of 0 voters")
        page.get_by_label("Spelling").select_option("close")
        send.click()
        expect(summary.locator("p")).to_have_text("1 of 1 voters, 1 of them by a close match")
        expect(summary.locator("thead th").nth(1)).to_have_text("Score")
        match, score, _, *names = summary.locator("tbody tr td").all_inner_texts()[:5]
        assert (match, *names) == ("close", first_name, last_name)
        assert 0.5 < float(score) < 1


def test_the_viewer_is_refused_and_sees_no_chart(page: Page, stack: Description) -> None:
    sign_in(page, stack, "Viewer")
    page.locator("#search").get_by_role("button", name="Send").click()
    expect(page.locator("#answer")).to_contain_text('"code": "forbidden"')
    expect(page.locator("#charts-hint")).to_contain_text("not a member of the campaign")
    page.get_by_role("button", name="Nobody").click()
    page.locator("#search").get_by_role("button", name="Send").click()
    expect(page.locator("#answer")).to_contain_text('"code": "unauthenticated"')


def test_it_can_be_used_by_keyboard_alone(page: Page, stack: Description) -> None:
    page.goto(stack.api)
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#who")).to_have_text("Signed in as organizer")
    page.get_by_label("Last name").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_have_text("200 OK")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_has_no_serious_barrier(browser: Browser, stack: Description, scheme: str) -> None:
    with browser.new_context(color_scheme="dark" if scheme == "dark" else "light") as context:
        page = context.new_page()
        sign_in(page, stack)
        expect(page.locator("#chart-grid .chart svg").nth(5)).to_be_visible()
        page.locator("#search").get_by_role("button", name="Send").click()
        expect(page.locator("#status")).to_have_text("200 OK")
        assert serious_breaches(page) == []


def test_the_reference_tries_routes_with_the_session(page: Page, stack: Description, complaints: list[str]) -> None:
    sign_in(page, stack)
    page.get_by_role("link", name="Reference").click()
    page.locator(".opblock-summary-path", has_text="revalidate").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
    assert complaints == []


def test_a_name_that_was_lead_to_this_machine_is_shown_nothing(page: Page, stack: Description) -> None:
    port = stack.api.rpartition(":")[2]
    for path in ("", "pages/stack.json"):
        answer = page.request.get(f"http://127.0.0.1:{port}/{path}", headers={"Host": f"evil.example:{port}"})
        assert answer.status == 404


def test_the_picture_in_the_docs_is_small() -> None:
    assert (ROOT / "docs/local-stack.jpg").stat().st_size < 200_000
