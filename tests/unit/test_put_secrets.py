import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from cryptography.fernet import Fernet
from moto import mock_aws

from tools.put_secrets import put_secrets

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.fixture
def client() -> "Iterator[SecretsManagerClient]":
    with mock_aws():
        yield boto3.client("secretsmanager", region_name="us-east-1")


def answering(**answers: str) -> Callable[[str], str]:
    return lambda question: next((answer for word, answer in answers.items() if word in question), "")


def stored(client: "SecretsManagerClient", name: str) -> dict[str, str]:
    values: dict[str, str] = json.loads(client.get_secret_value(SecretId=f"petition/{name}")["SecretString"])
    return values


def test_what_is_typed_is_stored_and_a_cookie_key_is_made_up(client: "SecretsManagerClient") -> None:
    changed = put_secrets(client, "petition", answering(Redis="rediss://x", **{"Supabase secret key": "sb_secret_x "}))

    assert changed == ["redis", "supabase", "cookie"]
    assert stored(client, "redis") == {"url": "rediss://x"}
    assert stored(client, "supabase") == {"secretKey": "sb_secret_x"}
    Fernet(stored(client, "cookie")["keys"])


def test_what_is_not_typed_stays_and_so_do_a_deployments_own_keys(client: "SecretsManagerClient") -> None:
    client.create_secret(Name="petition/directus", SecretString='{"email": "a", "password": "b", "northPassword": "n"}')

    put_secrets(client, "petition", answering(**{"Its password": "new"}))

    assert stored(client, "directus") == {"email": "a", "password": "new", "northPassword": "n"}


def test_nothing_typed_changes_nothing(client: "SecretsManagerClient") -> None:
    put_secrets(client, "petition", answering(Redis="rediss://x"))
    cookie = stored(client, "cookie")

    assert put_secrets(client, "petition", answering()) == []
    assert put_secrets(client, "petition", answering(Redis="rediss://x")) == []
    assert stored(client, "cookie") == cookie
