"""The keys that seal cookies, replaced step by step in a Secrets Manager that moto plays."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from moto import mock_aws

from tools import put_secrets
from tools.command import run
from tools.cookie_keys import STEPS, StepError, main, take
from tools.environment import Environment

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
        take(step, client, "petition", force=True)
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


def rotation(client: "SecretsManagerClient", taken: timedelta | None) -> None:
    """Begin a rotation whose new key has sealed for a while: how long is unknown if it was begun by hand."""
    for step in ("add", "turn"):
        take(step, client, "petition")
    values = json.loads(client.get_secret_value(SecretId=NAME)["SecretString"])
    del values["takenAt"]
    if taken is not None:
        values["takenAt"] = (datetime.now(UTC) - taken).isoformat()
    client.put_secret_value(SecretId=NAME, SecretString=json.dumps(values))


@pytest.mark.parametrize(
    ("taken", "sentence"),
    [
        (timedelta(), "60 more minutes"),
        (timedelta(minutes=59, seconds=30), "1 more minutes"),
        (None, "is not known"),
    ],
)
def test_a_key_that_still_opens_cookies_is_dropped_by_force_alone(
    client: "SecretsManagerClient", taken: timedelta | None, sentence: str
) -> None:
    rotation(client, taken)
    before = client.get_secret_value(SecretId=NAME)["SecretString"]

    with pytest.raises(StepError, match=sentence):
        take("drop", client, "petition")

    assert client.get_secret_value(SecretId=NAME)["SecretString"] == before
    take("drop", client, "petition", force=True)
    assert "," not in json.loads(client.get_secret_value(SecretId=NAME)["SecretString"])["keys"]


def test_an_hour_later_it_is_dropped_unforced(client: "SecretsManagerClient") -> None:
    rotation(client, timedelta(hours=1, seconds=1))

    take("drop", client, "petition")


def test_no_key_is_shown(
    client: "SecretsManagerClient", capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "petition-staging/cookie"
    client.create_secret(Name=name, SecretString=json.dumps({"keys": FIRST}))
    monkeypatch.setattr("tools.cookie_keys.load", lambda name: Environment(name, {}, None, None))
    for step in STEPS:
        main("staging", step, "force")
        stored = json.loads(client.get_secret_value(SecretId=name)["SecretString"])["keys"]
        printed = capsys.readouterr()
        assert printed.err == ""
        assert not [key for key in stored.split(",") if key in printed.out]


def test_where_no_key_was_ever_stored_make_secrets_is_named(client: "SecretsManagerClient") -> None:
    with pytest.raises(StepError, match="make secrets"):
        take("add", client, "another")


@pytest.mark.parametrize("command", [main, put_secrets.main])
def test_without_a_region_a_command_ends_with_a_sentence(
    command: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for module in ("cookie_keys", "put_secrets"):
        monkeypatch.setattr(f"tools.{module}.load", lambda name: Environment(name, {}, None, None))
    monkeypatch.setattr("sys.argv", ["command", "staging"])

    with pytest.raises(SystemExit, match=r"^You must specify a region\.$"):
        run(command)
