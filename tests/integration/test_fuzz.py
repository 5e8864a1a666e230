"""Whatever is sent to a handler, with its services up: never an answer that says the fault is ours."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from redis import Redis

import duplicate.app
import essearch.app
import essearch.common
from essearch.query import SearchQuery
from local.description import Description
from petition.http.handler import Handler
from petition.http.request import MAX_BODY_BYTES
from tests.integration.lambda_process import SESSIONS, USER, Context, encode_permissions, process, session
from tests.thoroughness import times

HANDLERS = [essearch.app.handler, essearch.common.handler, duplicate.app.handler]
NAMES = list(SearchQuery.__struct_encode_fields__)
KEYS = ["DIRECTUS_URL_SEARCH", "DIRECTUS_API_EMAIL_SEARCH", "DIRECTUS_API_PASSWORD_SEARCH", "DIRECTUS_X", "PATH"]
fuzzed = settings(max_examples=times(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=40)
searches = st.dictionaries(st.sampled_from(NAMES[:10]), words, min_size=1, max_size=3)
keys = st.none() | st.sampled_from(KEYS)
credentials = st.fixed_dictionaries(
    {"name": st.just("x")}, optional={"emailKey": keys, "endpointKey": keys, "passwordKey": keys}
)
anything = st.dictionaries(
    st.sampled_from([*NAMES, "credentials", "campaignId", "voterId"]) | st.text(max_size=9), values
)


@pytest.fixture(scope="module", autouse=True)
def _process(stack: Description) -> Iterator[None]:
    environment = {
        "COOKIE_KEYS": Fernet.generate_key().decode(),
        "DIRECTUS_URL_SEARCH": stack.directus.url,
        "DIRECTUS_API_EMAIL_SEARCH": stack.directus.search_email,
        "DIRECTUS_API_PASSWORD_SEARCH": stack.directus.search_password,
        "REDIS_URL": stack.redis.url,
    }
    with process(SESSIONS | environment), Redis.from_url(stack.redis.url, socket_timeout=5) as redis:
        redis.set(f"permissions-{USER}", encode_permissions("voters:search", "signers:check"), ex=600)
        yield


def status(handler: Handler, **event: Any) -> int:  # noqa: ANN401 - any event
    """Send an event with these parts as the organizer."""
    headers = {"content-type": "application/json", "authorization": f"Bearer {session()}"}
    common: Any = {"headers": headers, "requestContext": {"requestId": "fuzz"}}
    answer = handler(common | event, Context(20))
    json.loads(answer["body"])
    assert all(cookie.isprintable() and cookie.isascii() for cookie in answer["cookies"])
    return answer["statusCode"]


@fuzzed
@given(body=searches)
@example(body={"query": " ".join(map(str, range(70)))})
@example(body={"lastName": "\N{LATIN SMALL LIGATURE FI}" * 200})
def test_any_search_that_is_well_formed_is_answered(body: dict[str, str]) -> None:
    assert status(essearch.common.handler, body=json.dumps(body)) in {200, 422}


@fuzzed
@given(body=anything)
@pytest.mark.parametrize("handler", HANDLERS, ids=["essearch", "essearch-common", "duplicate"])
def test_any_json_is_told_what_is_wrong_with_it(handler: Handler, body: dict[str, object]) -> None:
    text = json.dumps(body)
    assert status(handler, body=text) in ({413} if len(text) > MAX_BODY_BYTES else {200, 400, 422})


@fuzzed
@given(content=st.binary(max_size=200), query=st.text(max_size=50), cookies=st.lists(st.text(max_size=50), max_size=3))
@pytest.mark.parametrize("handler", HANDLERS, ids=["essearch", "essearch-common", "duplicate"])
def test_any_bytes_are_told_to_be_none(handler: Handler, content: bytes, query: str, cookies: list[str]) -> None:
    body = base64.b64encode(content).decode()
    http_status = status(handler, body=body, isBase64Encoded=True, rawQueryString=query, cookies=cookies)
    assert http_status in {200, 400, 422}


@fuzzed
@given(chosen=credentials, cookie=st.text(max_size=60))
def test_any_credentials_are_used_or_refused(chosen: dict[str, str | None], cookie: str) -> None:
    body = json.dumps({"lastName": "Lee", "credentials": chosen})
    assert status(essearch.app.handler, body=body, cookies=[f"directus_token_x={cookie}"]) in {200, 422, 502}
