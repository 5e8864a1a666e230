"""The keys that seal cookies, replaced step by step in a Secrets Manager that moto plays."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from moto import mock_aws

from tools.artifact import ROOT
from tools.cookie_keys import STEPS, StepError, main, take

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

NAME = "petition/cookie"
FIRST = Fernet.generate_key().decode()


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> "Iterator[SecretsManagerClient]":
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("secretsmanager")
        client.create_secret(Name=NAME, SecretString=json.dumps({"keys": FIRST, "own": "stays"}))
        yield client


@pytest.fixture
def keys(client: "SecretsManagerClient") -> Callable[[], MultiFernet]:
    def read() -> MultiFernet:
        stored = json.loads(client.get_secret_value(SecretId=NAME)["SecretString"])
        assert stored["own"] == "stays"
        return MultiFernet([Fernet(key) for key in stored["keys"].split(",")])

    return read


def test_a_cookie_is_opened_at_each_step_by_processes_of_the_step_before(
    client: "SecretsManagerClient", keys: Callable[[], MultiFernet]
) -> None:
    before = keys()
    for step in STEPS:
        sealed = before.encrypt(b"token")
        take(step, client, "petition")
        now = keys()

        assert before.decrypt(now.encrypt(b"token")) == b"token"
        assert step == "drop" or now.decrypt(sealed) == b"token"
        before = now

    with pytest.raises(InvalidToken):
        before.decrypt(Fernet(FIRST).encrypt(b"token"))


@pytest.mark.parametrize(
    "steps", [["turn"], ["drop"], ["add", "add"], ["add", "drop"], ["add", "turn", "turn"], ["ad"]]
)
def test_a_step_out_of_turn_is_refused_and_changes_nothing(client: "SecretsManagerClient", steps: list[str]) -> None:
    *first, wrong = steps
    for step in first:
        take(step, client, "petition")
    before = client.get_secret_value(SecretId=NAME)["SecretString"]

    with pytest.raises(StepError):
        take(wrong, client, "petition")
    assert client.get_secret_value(SecretId=NAME)["SecretString"] == before


def test_no_key_is_shown(client: "SecretsManagerClient", capsys: pytest.CaptureFixture[str]) -> None:
    for step in STEPS:
        main(step)
        stored = json.loads(client.get_secret_value(SecretId=NAME)["SecretString"])["keys"]
        printed = capsys.readouterr()
        assert printed.err == ""
        assert not [key for key in stored.split(",") if key in printed.out]


def test_where_no_key_was_ever_stored_make_secrets_is_named(client: "SecretsManagerClient") -> None:
    with pytest.raises(StepError, match="make secrets"):
        take("add", client, "another")


@pytest.mark.parametrize("command", [("cookie_keys", "add"), ("cookie_keys", "turn", "other"), ("put_secrets",)])
def test_without_a_region_a_command_ends_with_a_sentence(command: tuple[str, ...], tmp_path: Path) -> None:
    ended = subprocess.run(  # noqa: S603 - this project's own program
        [sys.executable, "-m", f"tools.{command[0]}", *command[1:]],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (1, "You must specify a region.\n")
