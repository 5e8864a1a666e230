import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import NoCredentialsError
from cryptography.fernet import Fernet
from moto import mock_aws

from tools.command import CommandError, run
from tools.environment import Environment
from tools.put_secrets import UnknownKey, main, put_secrets, questions_for

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.fixture
def client() -> "Iterator[SecretsManagerClient]":
    with mock_aws():
        yield boto3.client("secretsmanager", region_name="us-east-1")


def answer_with(**answers: str) -> Callable[[str], str]:
    return lambda question: next((answer for word, answer in answers.items() if word in question), "")


def read_secret(client: "SecretsManagerClient", name: str) -> dict[str, str]:
    values: dict[str, str] = json.loads(client.get_secret_value(SecretId=f"petition/{name}")["SecretString"])
    return values


def test_what_is_typed_is_stored_and_a_cookie_key_is_made_up(client: "SecretsManagerClient") -> None:
    changed = put_secrets(
        client, "petition", answer_with(Redis="rediss://x", **{"Supabase secret key": "sb_secret_abcdefgh "})
    )

    assert changed == ["redis", "supabase", "cookie"]
    assert read_secret(client, "redis") == {"url": "rediss://x"}
    assert read_secret(client, "supabase") == {"secretKey": "sb_secret_abcdefgh"}
    Fernet(read_secret(client, "cookie")["keys"])


def test_what_is_not_typed_stays_and_so_do_a_deployments_own_keys(client: "SecretsManagerClient") -> None:
    client.create_secret(Name="petition/directus", SecretString='{"email": "a", "password": "b", "northPassword": "n"}')

    put_secrets(client, "petition", answer_with(**{"Its password": "new"}))

    assert read_secret(client, "directus") == {"email": "a", "password": "new", "northPassword": "n"}


def test_nothing_typed_changes_nothing(client: "SecretsManagerClient") -> None:
    put_secrets(client, "petition", answer_with(Redis="rediss://x"))
    cookie = read_secret(client, "cookie")

    assert put_secrets(client, "petition", answer_with()) == []
    assert put_secrets(client, "petition", answer_with(Redis="rediss://x")) == []
    assert read_secret(client, "cookie") == cookie


def test_only_the_keys_that_are_named_are_asked_for_a_deployments_own_among_them(
    client: "SecretsManagerClient",
) -> None:
    client.create_secret(Name="petition/cookie", SecretString='{"keys": "a"}')
    client.create_secret(Name="petition/directus", SecretString='{"email": "a", "password": "b"}')
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return "typed"

    changed = put_secrets(
        client, "petition", ask, questions_for(["directus#password", "north#email", "north#password"])
    )

    assert asked == ["Its password: ", "north#email: ", "north#password: "]
    assert changed == ["directus", "north"]
    assert read_secret(client, "directus") == {"email": "a", "password": "typed"}
    assert read_secret(client, "north") == {"email": "typed", "password": "typed"}
    assert read_secret(client, "cookie") == {"keys": "a"}


def test_nothing_that_was_typed_is_shown(
    client: "SecretsManagerClient", monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr("getpass.getpass", lambda _: "hush-hush")
    monkeypatch.setattr("tools.put_secrets.load", lambda name: Environment(name, {}, None, None))

    main("staging", "directus#password")

    assert capsys.readouterr().out == "Stored: petition-staging/directus, petition-staging/cookie\n"
    kept = client.get_secret_value(SecretId="petition-staging/directus")["SecretString"]
    assert json.loads(kept) == {"password": "hush-hush"}


@pytest.mark.parametrize("key", ["directus", "directus#", "#password", "a b#c", "a#b#c"])
def test_what_is_no_key_of_a_secret_is_refused(key: str) -> None:
    with pytest.raises(UnknownKey):
        questions_for([key])


@pytest.mark.parametrize("content", ["a-made-up-password", "[]", '{"keys": 1}'])
def test_a_secret_that_somebody_wrote_as_something_else_is_named_and_not_shown(
    client: "SecretsManagerClient", content: str
) -> None:
    client.create_secret(Name="petition/cookie", SecretString=content)
    with pytest.raises(CommandError) as raised:
        put_secrets(client, "petition", answer_with())
    assert str(raised.value).startswith("petition/cookie must hold a JSON object of strings")
    assert content not in str(raised.value)


def test_answers_that_end_early_end_the_command_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(*_: str) -> None:
        raise EOFError

    monkeypatch.setattr("sys.argv", ["put_secrets", "staging"])
    with pytest.raises(SystemExit, match="what was not answered yet was not stored"):
        run(end)


def test_nothing_is_asked_for_that_could_not_be_stored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    # A session of its own: the default one may have found credentials in an earlier test.
    client = boto3.session.Session().client("secretsmanager", region_name="us-east-1")
    asked: list[str] = []
    with pytest.raises(NoCredentialsError):
        put_secrets(client, "petition", asked.append)  # type: ignore[arg-type]  # no answer comes
    assert asked == []
