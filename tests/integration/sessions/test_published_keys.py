"""Sessions signed with keys that the project publishes, over HTTP, as hosted projects do."""

import json
import time
from collections.abc import Callable, Iterator

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from petition.auth.session import Authenticator
from petition.auth.session_settings import SessionSettings
from petition.errors import PetitionError, Unauthenticated, UpstreamBusy, UpstreamError, UpstreamTimeout
from tests.integration.sessions.scripted import Upstream, gives_up, hangs_up, is_silent, says, upstream

USER = "01a20728-9052-717c-aaa2-3a6dfb7658c9"
KEY = ec.generate_private_key(ec.SECP256R1())
PUBLISHED = {"keys": [json.loads(jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key())) | {"kid": "one", "alg": "ES256"}]}


@pytest.fixture
def project() -> Iterator[Upstream]:
    with upstream(says(200, json.dumps(PUBLISHED).encode())) as found:
        yield found


@pytest.fixture
def authenticator(project: Upstream) -> Authenticator:
    return Authenticator(lambda: SessionSettings.load({"SUPABASE_URL": project.url}))


def token(key_id: str = "one", **more: str | int) -> str:
    claims = {"sub": USER, "aud": "authenticated", "role": "authenticated", "exp": int(time.time()) + 60} | more
    return jwt.encode(claims, KEY, "ES256", headers={"kid": key_id})


def test_the_keys_are_fetched_once_from_where_hosted_projects_publish_them(
    project: Upstream, authenticator: Authenticator
) -> None:
    assert {authenticator.verify(token(nonce=number)).user_id for number in range(50)} == {USER}
    [(method, path, headers, _)] = project.requests
    assert (method, path) == ("GET", "/auth/v1/.well-known/jwks.json")
    assert not {"apikey", "authorization"} & headers.keys()


def test_when_the_auth_server_fails_later_the_old_keys_go_on(project: Upstream, authenticator: Authenticator) -> None:
    authenticator.verify(token())
    project.answer = hangs_up
    with pytest.raises(Unauthenticated):
        authenticator.verify(token("two"))
    assert authenticator.verify(token(nonce=1)).user_id == USER


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (hangs_up, UpstreamError),
        (says(500), UpstreamError),
        (says(404), UpstreamError),
        (says(302, Location="https://evil.example/jwks.json"), UpstreamError),
        (says(200, b"<html>"), UpstreamError),
        (says(200, b"[]"), UpstreamError),
        (says(503), UpstreamBusy),
        (is_silent, UpstreamTimeout),
    ],
)
def test_when_it_fails_at_once_the_caller_is_not_told_to_sign_in(
    project: Upstream, authenticator: Authenticator, answer: Callable[..., None], expected: type[PetitionError]
) -> None:
    project.answer = answer
    with gives_up(), pytest.raises(PetitionError) as caught:
        authenticator.verify(token())
    assert type(caught.value) is expected
