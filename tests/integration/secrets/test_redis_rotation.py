"""A rotated Redis password, on a real server, with the secret in a Secrets Manager that moto plays."""

import json
from collections.abc import Iterator

import boto3
import pytest

from duplicate.app import handler
from petition.config import secrets
from tests.aws import empty_account
from tests.integration.lambda_process import Answer, post, process
from tests.private_valkey import PrivateValkey

NAME = "petition/redis"


class Rotation:
    """A server whose password changes, and the secret that says so."""

    def __init__(self, valkey: PrivateValkey) -> None:
        self._valkey = valkey
        self._aws = boto3.client("secretsmanager", region_name="us-east-1")
        self._aws.create_secret(Name=NAME, SecretString=self._secret("first"))
        self.require("first")

    def require(self, password: str) -> None:
        """Change the server's password, and end the connections that are signed in with the old one."""
        self._valkey.client.config_set("requirepass", password)
        self._valkey.client.client_kill_filter(_type="normal", skipme=True)

    def tell(self, password: str) -> None:
        self._aws.put_secret_value(SecretId=NAME, SecretString=self._secret(password))

    def _secret(self, password: str) -> str:
        return json.dumps({"url": self._valkey.url.replace("redis://", f"redis://:{password}@")})


@pytest.fixture
def rotation(valkey: PrivateValkey, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rotation]:
    monkeypatch.setattr(secrets, "PAUSE_SECONDS", 0.0)
    environment = {
        "ALLOW_ANONYMOUS": "true",
        "AWS_DEFAULT_REGION": "us-east-1",
        "REDIS_URL": f"secretsmanager:{NAME}#url",
        "SIGNERS_FROM": "external",
    }
    with empty_account(), process(environment):
        yield Rotation(valkey)


def check() -> Answer:
    return post(handler, {"campaignId": "c", "voterId": "v"})


def test_a_rotated_password_is_not_noticed_by_the_caller(rotation: Rotation) -> None:
    assert check().body == {"exists": False}
    rotation.require("second")
    rotation.tell("second")

    assert check().body == {"exists": False}


def test_a_password_that_only_the_server_knows_is_an_outage_that_ends_with_the_secret(rotation: Rotation) -> None:
    check()
    rotation.require("second")
    assert check().code == "redis_unavailable"

    rotation.tell("second")

    assert check().body == {"exists": False}


def test_the_new_password_alone_is_used_from_then_on(rotation: Rotation) -> None:
    for password in ("second", "third", "fourth"):
        rotation.require(password)
        rotation.tell(password)
        assert check().status == 200
