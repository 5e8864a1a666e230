"""A frontend on another port signs in with supabase-js and calls every route. A page of another origin may not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request

from local.description import Description
from tests.http_server import QuietHandler, listen

SUPABASE_JS = Path(__file__).parents[1] / "node_modules/@supabase/supabase-js/dist/umd/supabase.js"
COOKIE = "directus_token_search"
SIGN_IN = """async ({ url, key, email, password }) => {
  const { data, error } = await supabase.createClient(url, key).auth.signInWithPassword({ email, password });
  if (error) throw error;
  return data.session.access_token;
}"""
CALL = """async ({ url, token, body }) => {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${token}` };
  const answer = await fetch(url, { method: "POST", credentials: "include", headers, body: JSON.stringify(body) });
  return [answer.status, answer.headers.get("x-request-id") !== null];
}"""

QUEUE = """async ({ url, token }) => {
  const headers = { Authorization: `Bearer ${token}`, Prefer: "respond-async" };
  const answer = await fetch(url, { method: "POST", credentials: "include", headers });
  return [answer.status, answer.headers.get("preference-applied")];
}"""


class App(QuietHandler):
    def answer(self) -> None:
        self.send_answer(200, b"<!doctype html><title>App</title>", [("Content-Type", "text/html")])

    do_GET = answer  # noqa: N815 - the name that http.server calls


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of the app, which is served at localhost and at 127.0.0.1: two origins."""
    with listen(App) as url:
        yield int(url.rpartition(":")[2])


def open_app(page: Page, origin: str) -> None:
    page.goto(origin)
    page.add_script_tag(path=SUPABASE_JS)


def sign_in(page: Page, stack: Description) -> str:
    given = {
        "url": stack.supabase.url,
        "key": stack.supabase.publishable_key,
        "email": stack.users.organizer.email,
        "password": stack.users.organizer.password,
    }
    return str(page.evaluate(SIGN_IN, given))


def test_a_frontend_signs_in_and_calls_every_route(page: Page, stack: Description, port: int) -> None:
    open_app(page, f"http://localhost:{port}")
    token = sign_in(page, stack)
    searches: list[Request] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/essearch-common"):
            searches.append(request)

    page.on("request", note)
    calls = [
        ("essearch-common", {"lastName": "Adams"}),
        ("essearch-common", {"lastName": "Adams"}),
        ("essearch", {"lastName": "Adams", "credentials": {"name": "search"}}),
        ("duplicate", {"campaignId": stack.campaign.id, "voterId": stack.campaign.signed_voter_id}),
        (f"charts/{stack.chart.id}", {}),
        ("permissions/revalidate", {}),
    ]
    for path, body in calls:
        answer = page.evaluate(CALL, {"url": f"{stack.api}/api/{path}", "token": token, "body": body})
        assert (path, *answer) == (path, 200, True)

    first, second = searches
    assert COOKIE not in first.all_headers().get("cookie", "")
    assert COOKIE in second.all_headers()["cookie"]
    assert COOKIE not in str(page.evaluate("document.cookie"))


def test_a_frontend_reads_that_its_preference_was_followed(page: Page, stack: Description, port: int) -> None:
    open_app(page, f"http://localhost:{port}")
    given = {"url": f"{stack.api}/api/charts/{stack.chart.id}", "token": sign_in(page, stack)}
    assert page.evaluate(QUEUE, given) == [202, "respond-async"]


def test_a_page_of_another_origin_is_refused(page: Page, stack: Description, port: int) -> None:
    open_app(page, f"http://127.0.0.1:{port}")
    token = sign_in(page, stack)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    call = f"({CALL})(given).catch((error) => error.message)"
    given = {"url": f"{stack.api}/api/essearch-common", "token": token, "body": {"lastName": "Adams"}}
    assert page.evaluate(f"(given) => {call}", given) == "Failed to fetch"
    assert any("blocked by CORS policy" in complaint for complaint in complaints)
