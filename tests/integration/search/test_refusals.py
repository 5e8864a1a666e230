"""A refused caller costs Directus nothing."""

from collections.abc import Mapping

import pytest
from redis import Redis

from essearch import app, common
from local.description import Description
from petition.http.handler import Handler
from tests.integration.lambda_process import encode_permissions, post, session
from tests.integration.search.conftest import Fresh
from tests.integration.search.searching import SECONDS
from tests.recorder import Recorder

SOMEBODY = "01a2074c-0000-7000-8000-000000000001"
BODIES = {app.handler: {"lastName": "Lee", "credentials": {"name": "x"}}, common.handler: {"lastName": "Lee"}}


@pytest.mark.parametrize("handler", BODIES, ids=["essearch", "essearch-common"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": ""}, 401),
        ({"authorization": "Bearer x.y.z"}, 401),
        ({"authorization": "{token}"}, 401),
        ({"authorization": "Bearer {token}"}, 403),
        ({"content-type": "text/plain"}, 415),
    ],
)
def test_a_refusal_costs_no_request(
    fresh: Fresh, recorder: Recorder, stack: Description, handler: Handler, headers: Mapping[str, str], status: int
) -> None:
    with Redis.from_url(stack.redis.url, socket_timeout=SECONDS) as redis:
        redis.set(f"permissions-{SOMEBODY}", encode_permissions("signers:check", user=SOMEBODY), ex=60)
    sent = {name: value.format(token=session(SOMEBODY)) for name, value in headers.items()}
    with fresh():
        assert post(handler, BODIES[handler], headers=sent).status == status
    assert recorder.requests == []


@pytest.mark.parametrize(("anonymous", "status"), [("", 401), ("false", 401), ("true", 200)])
def test_only_the_common_search_opens_to_anybody_and_only_when_told(fresh: Fresh, anonymous: str, status: int) -> None:
    with fresh(ALLOW_ANONYMOUS=anonymous):
        assert post(common.handler, BODIES[common.handler], headers={"authorization": ""}).status == status
        assert post(app.handler, BODIES[app.handler], headers={"authorization": ""}).status == 401
