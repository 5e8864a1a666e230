"""A rotated Directus login, on the real Directus, with the secret in a Secrets Manager that moto plays."""

import json
from collections.abc import Iterator

import boto3
import pytest

from essearch import refresh_keys
from local.description import DirectusAccess
from petition.clients.directus_login import LoginRefused
from petition.config import secrets
from tests.aws import empty_account
from tests.integration.lambda_process import Context
from tests.integration.search.conftest import Fresh
from tests.integration.search.searching import choose, count_requests, search
from tests.recorder import Recorder

NAME = "petition/directus"
REFERENCES = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "DIRECTUS_API_EMAIL_SEARCH": f"secretsmanager:{NAME}#email",
    "DIRECTUS_API_PASSWORD_SEARCH": f"secretsmanager:{NAME}#password",
    "DIRECTUS_API_EMAIL_KEYS": f"secretsmanager:{NAME}#email",
    "DIRECTUS_API_PASSWORD_KEYS": f"secretsmanager:{NAME}#password",
    "DIRECTUS_URL_COUNTY": "https://county.example",
    "DIRECTUS_PASSWORD_COUNTY": f"secretsmanager:{NAME}#password",
    "DIRECTUS_EMAIL_COUNTY": "secretsmanager:petition/missing",
}


class Secret:
    """The secret, which names a login that Directus does not know at first."""

    def __init__(self, directus: DirectusAccess) -> None:
        self._directus = directus
        self._aws = boto3.client("secretsmanager", region_name="us-east-1")
        self._aws.create_secret(Name=NAME, SecretString=self._text("retired"))

    def rotate(self) -> None:
        self._aws.put_secret_value(SecretId=NAME, SecretString=self._text(self._directus.search_password))

    def _text(self, password: str) -> str:
        return json.dumps({"email": self._directus.search_email, "password": password})


@pytest.fixture
def secret(directus: DirectusAccess, fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> Iterator[Secret]:
    monkeypatch.setattr(secrets, "PAUSE_SECONDS", 0.0)
    with empty_account(), fresh(**REFERENCES):
        yield Secret(directus)


def test_a_login_that_was_rotated_is_taken_over_within_one_request(secret: Secret, recorder: Recorder) -> None:
    assert search(voterId="none").code == "upstream_error"
    assert count_requests(recorder) == (1, 0)
    secret.rotate()

    assert search(voterId="none").status == 200
    assert count_requests(recorder) == (2, 1)


def test_from_then_on_there_is_no_login(secret: Secret, recorder: Recorder) -> None:
    search(voterId="none")
    secret.rotate()

    assert {search(voterId="none").status for _ in range(3)} == {200}
    assert count_requests(recorder) == (2, 3)


def test_a_rotated_login_of_the_search_keys_is_taken_over_within_one_run(secret: Secret) -> None:
    with pytest.raises(LoginRefused):
        refresh_keys.handler({}, Context(60))
    secret.rotate()

    assert refresh_keys.handler({}, Context(60))["read"] > 0


def test_a_secret_of_chosen_credentials_that_cannot_be_read_tells_the_caller_nothing(secret: Secret) -> None:
    secret.rotate()

    kinds = {"endpointKey": "URL", "emailKey": "EMAIL", "passwordKey": "PASSWORD"}
    unreadable, absent = (
        choose({"name": "county"} | {key: f"DIRECTUS_{kind}_{name}" for key, kind in kinds.items()})
        for name in ("COUNTY", "NOWHERE")
    )

    assert unreadable.code == "internal_error"
    assert "DIRECTUS" not in json.dumps(unreadable.body)
    assert absent.status == 200  # none is set: the common ones
