"""A rotated shared secret of the project, in a Secrets Manager that moto plays."""

import time
from collections.abc import Iterator

import boto3
import jwt
import pytest

from petition.auth.jwks import MAX_AGE_SECONDS
from petition.auth.session import Authenticator
from petition.auth.session_settings import SessionSettings
from petition.config import secrets
from petition.errors import Unauthenticated
from tests.aws import empty_account

NAME = "petition/supabase"
FIRST, SECOND = "the first made-up secret, of 32 bytes", "the second made-up secret, of 32 bytes"


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(secrets, "PAUSE_SECONDS", 0.0)
    monkeypatch.setenv("SUPABASE_URL", "https://abc.supabase.co")
    monkeypatch.setenv("SUPABASE_JWT_SECRET", f"secretsmanager:{NAME}")
    with empty_account():
        boto3.client("secretsmanager").create_secret(Name=NAME, SecretString=FIRST)
        yield


@pytest.fixture
def project() -> Authenticator:
    return Authenticator(SessionSettings.load)


def rotate() -> None:
    boto3.client("secretsmanager").put_secret_value(SecretId=NAME, SecretString=SECOND)


def sign(secret: str) -> str:
    claims = {"sub": "01a20728-9052-717c-aaa2-3a6dfb7658c9", "aud": "authenticated", "role": "authenticated"}
    return jwt.encode({**claims, "exp": time.time() + 60}, secret, "HS256")


def test_a_warm_process_takes_the_new_secret_and_leaves_the_old_one(project: Authenticator) -> None:
    old, new = sign(FIRST), sign(SECOND)
    project.verify(old)
    rotate()

    assert project.verify(new).user_id
    with pytest.raises(Unauthenticated):
        project.verify(old)


def test_a_secret_that_was_taken_back_stops_counting_although_nobody_shows_the_new_one() -> None:
    clock = 1000.0
    project = Authenticator(SessionSettings.load, now=lambda: clock)
    old = sign(FIRST)
    project.verify(old)
    rotate()
    clock += MAX_AGE_SECONDS + 1

    with pytest.raises(Unauthenticated):
        project.verify(old)


def test_a_forger_is_turned_away_while_the_secret_cannot_be_read(project: Authenticator) -> None:
    good = sign(FIRST)
    project.verify(good)
    boto3.client("secretsmanager").put_secret_value(SecretId=NAME, SecretString="too short")

    with pytest.raises(Unauthenticated):
        project.verify(sign(SECOND))
    assert project.verify(good).user_id


def test_a_forger_has_the_secret_read_once_in_thirty_seconds(
    project: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "PAUSE_SECONDS", 30.0)
    project.verify(sign(FIRST))
    rotate()

    with pytest.raises(Unauthenticated):
        project.verify(sign(SECOND))
