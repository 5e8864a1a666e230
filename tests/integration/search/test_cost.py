"""How many requests a search makes to Directus."""

import pytest

from tests.integration.search.conftest import Fresh
from tests.integration.search.searching import COOKIE, count_requests, search
from tests.recorder import Recorder


@pytest.mark.usefixtures("_process")
def test_a_first_page_that_is_not_full_is_one_request(recorder: Recorder) -> None:
    search(lastName="Żukowski")
    recorder.requests.clear()
    answer = search(lastName="Żukowski", limit=100)
    assert count_requests(recorder) == (0, 1)
    assert answer.body["totalHits"] == answer.body["hitsCount"] == len(answer.body["persons"]) > 0


@pytest.mark.usefixtures("_process")
@pytest.mark.parametrize(("page", "reads"), [(1, 2), ("last", 1), (100, 2)], ids=["full", "last", "beyond the end"])
def test_a_count_is_asked_for_only_where_the_page_cannot_tell_it(
    recorder: Recorder, page: int | str, reads: int
) -> None:
    total = search(lastName="Żukowski", limit=100).body["totalHits"]
    limit = total // 2 + 1
    recorder.requests.clear()
    answer = search(lastName="Żukowski", limit=limit, page=2 if page == "last" else page)
    assert count_requests(recorder) == (0, reads)
    assert answer.body["totalHits"] == total


@pytest.mark.usefixtures("_process")
def test_a_page_that_is_exactly_full_counts_once(recorder: Recorder) -> None:
    total = search(lastName="Żukowski", limit=100).body["totalHits"]
    recorder.requests.clear()
    assert search(lastName="Żukowski", limit=total).body["totalHits"] == total
    assert count_requests(recorder) == (0, 2)


@pytest.mark.usefixtures("_process")
def test_a_thousand_searches_by_visitors_without_a_cookie_are_one_login_on_one_connection(recorder: Recorder) -> None:
    assert {search(lastName="Żukowski", limit=100).status for _ in range(1000)} == {200}
    assert count_requests(recorder) == (1, 1000)
    assert recorder.connections == 1


def test_a_cookie_saves_the_login_of_a_cold_process(fresh: Fresh, recorder: Recorder) -> None:
    with fresh():
        cookies = search(lastName="Żukowski").jar
    with fresh():
        assert search(lastName="Żukowski", cookies=cookies).status == 200
        assert search(lastName="Żukowski").jar.keys() == {COOKIE}
    assert count_requests(recorder)[0] == 1
