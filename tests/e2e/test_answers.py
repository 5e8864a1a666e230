"""What the routes answer to good requests."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from essearch.settings import PERSON_FIELDS
from local.demo.names import SURNAMES
from local.description import Description
from tests.e2e.calls import BODIES, COMMON, DUPLICATE, REVALIDATE, SEARCH

COOKIES = {SEARCH: "directus_token_e2e", COMMON: "directus_token_search"}


@pytest.mark.parametrize("path", [SEARCH, COMMON])
def test_a_search_answers_persons_and_counts(organizer: httpx.Client, path: str) -> None:
    response = organizer.post(path, json={**BODIES[path], "limit": 2})
    assert response.status_code == 200
    body = response.json()
    assert list(body) == ["persons", "hitsCount", "totalHits"]
    assert [list(person) for person in body["persons"]] == [list(PERSON_FIELDS)] * 2
    assert {person["lastName"] for person in body["persons"]} == {"Żukowski"}
    assert body["hitsCount"] == 2 < body["totalHits"]


@pytest.mark.parametrize("path", [SEARCH, COMMON])
def test_a_search_sets_a_cookie_that_only_this_service_can_read_and_takes_it_back(
    organizer: httpx.Client, path: str
) -> None:
    [cookie] = organizer.post(path, json=BODIES[path]).headers.get_list("set-cookie")
    value, *attributes = cookie.split("; ")
    assert value.startswith(f"{COOKIES[path]}=gAAAA")
    assert sorted(attributes) == ["HttpOnly", "Max-Age=3600", "Path=/", "SameSite=Strict", "Secure"]
    again = organizer.post(path, json=BODIES[path], headers={"Cookie": value})
    assert (again.status_code, again.headers.get_list("set-cookie")) == (200, [])


@pytest.mark.parametrize("spoilt", ["x", "", "gAAAA", "a; directus_token_search=b", '"', "é"])
def test_a_spoilt_cookie_is_replaced(organizer: httpx.Client, spoilt: str) -> None:
    cookie = f"{COOKIES[COMMON]}={spoilt}".encode()
    response = organizer.post(COMMON, json=BODIES[COMMON], headers=[(b"Cookie", cookie)])
    assert response.status_code == 200
    assert response.headers["set-cookie"].startswith(f"{COOKIES[COMMON]}=gAAAA")


def test_a_duplicate_check_answers_whether_there_is_one(organizer: httpx.Client, stack: Description) -> None:
    def check(voter: object) -> object:
        response = organizer.post(DUPLICATE, json={"campaignId": stack.campaign.id, "voterId": voter})
        return response.status_code, response.text

    assert check(stack.campaign.signed_voter_id) == (200, '{"exists":true}')
    assert check(int(stack.campaign.signed_voter_id)) == (200, '{"exists":true}')
    assert check(stack.campaign.unsigned_voter_id) == (200, '{"exists":false}')


def test_revalidation_answers_the_callers_own_tag(organizer: httpx.Client, stack: Description) -> None:
    tag = f"permissions-{stack.users.organizer.id}"
    for body in ({}, {"userId": stack.users.viewer.id}):
        response = organizer.post(REVALIDATE, json=body)
        assert (response.status_code, response.json()) == (200, {"ok": True, "revalidated": True, "tag": tag})


def test_criteria_can_stand_in_the_url_and_the_body_wins(organizer: httpx.Client) -> None:
    def names(query: str, body: object) -> set[str]:
        found = organizer.post(f"{COMMON}?{query}", json=body).json()
        return {person["lastName"] for person in found["persons"]}

    assert names("lastName=%C5%BBukowski&limit=3", {}) == {"Żukowski"}
    assert names("lastName=%C5%BBukowski", {"lastName": "Patel"}) == {"Patel"}


def test_requests_at_the_same_time_get_each_their_own_answer(organizer: httpx.Client) -> None:
    def search(name: str) -> set[str]:
        body = {"lastName": name, "limit": 50}
        return {person["lastName"][: len(name)] for person in organizer.post(COMMON, json=body).json()["persons"]}

    names = ["Żukowski", "O'Brien", "Núñez", "De la Cruz"] * 4
    with ThreadPoolExecutor(4) as callers:
        answers = list(callers.map(search, names))
    assert answers == [{name} for name in names]
    assert set(names) < set(SURNAMES)
