"""The functions' logs of the whole run, read at its end."""

import json

import httpx

from local.description import Description
from tests.e2e.calls import COMMON, DUPLICATE, REVALIDATE, SEARCH
from tests.stack_state import state_of

SENT = "sentbysomebody"
SURNAME = "O'Brien"


def test_an_audit_line_tells_who_did_what_and_not_about_whom(organizer: httpx.Client, stack: Description) -> None:
    answer = organizer.post(COMMON, json={"lastName": SURNAME})
    field = f'"request_id":"{answer.headers["x-request-id"]}"'
    [line] = [line for line in read_logs(stack).splitlines() if field in line]
    audit = json.loads(line)
    of_every_line = {"level", "location", "message", "timestamp", "service", "request_id", "xray_trace_id"}
    assert audit.keys() - of_every_line == {"route", "user_id", "credentials", "hits"}
    who = stack.users.organizer.id
    assert (audit["user_id"], audit["route"], audit["hits"]) == (who, COMMON, answer.json()["hitsCount"])


def test_no_log_tells_a_secret_or_a_person(
    organizer: httpx.Client, stack: Description, organizer_token: str, viewer_token: str
) -> None:
    searched = search_values(organizer, SEARCH, {"credentials": {"name": "e2e"}}) | search_values(organizer, COMMON, {})
    send_everywhere(organizer)
    directus, redis = stack.directus, stack.redis.url
    secrets = {directus.search_password, directus.search_email, stack.supabase.secret_key, redis}
    people = {each for user in (stack.users.organizer, stack.users.viewer) for each in (user.email, user.password)}
    lines = read_logs(stack)
    assert "answered" in lines
    for hidden in searched | secrets | people | {organizer_token, viewer_token, SENT, SURNAME, "uthorization", "@"}:
        assert hidden not in lines, "a log tells what it must not"


def search_values(organizer: httpx.Client, path: str, others: dict[str, object]) -> set[str]:
    """Search, and return the answer's cookie and the addresses in it."""
    answer = organizer.post(path, json={"lastName": SURNAME, **others})
    return {str(person["address"]) for person in answer.json()["persons"]} | {
        cookie.value or SENT for cookie in answer.cookies.jar
    }


def send_everywhere(organizer: httpx.Client) -> None:
    """Send a word in every place that a request has, well-formed and not."""
    headers = {"Cookie": f"{SENT}={SENT}; directus_token_search={SENT}", "X-Any": SENT, "User-Agent": SENT}
    for path in (SEARCH, COMMON, DUPLICATE, REVALIDATE):
        organizer.post(f"{path}?{SENT}={SENT}", json={"lastName": SENT, SENT: SENT}, headers=headers)
        organizer.post(path, content=f'{{"{SENT}": ', headers={"Content-Type": f"application/{SENT}+json", **headers})
    organizer.post(COMMON, json={"query": SENT, "firstName": f"{SENT}%"}, headers=headers)
    organizer.post(DUPLICATE, json={"campaignId": "x", "voterId": SENT}, headers=headers)


def read_logs(stack: Description) -> str:
    """All that functions have logged."""
    logs = state_of(stack).log("any").parent.glob("*Function.log")
    return "\n".join(log.read_text() for log in logs)
