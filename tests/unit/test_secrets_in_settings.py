import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import boto3
import pytest
from msgspec import Meta

from petition.config import secrets
from petition.config.rotating_setting import RotatingSetting
from petition.config.settings import Settings, SettingsError
from tests.aws import empty_account

NAME = "petition/directus"


class Login(Settings):
    """The settings that these tests read."""

    login_email: str
    login_password: str
    login_note: str = ""


class LongLogin(Settings):
    """One that is not any text."""

    login_password: Annotated[str, Meta(min_length=10)]


REFERENCES = {
    "LOGIN_EMAIL": f"secretsmanager:{NAME}#email",
    "LOGIN_PASSWORD": f"secretsmanager:{NAME}#password",
}


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(secrets, "PAUSE_SECONDS", 0.0)
    with empty_account():
        yield


def put(password: str) -> None:
    client = boto3.client("secretsmanager")
    text = json.dumps({"email": "search@example.org", "password": password})
    if client.list_secrets()["SecretList"]:
        client.put_secret_value(SecretId=NAME, SecretString=text)
    else:
        client.create_secret(Name=NAME, SecretString=text)


def load_login() -> Login:
    return Login.load(REFERENCES)


def test_settings_are_read_from_secrets_manager() -> None:
    put("first")

    login = Login.load(REFERENCES)

    assert (login.login_email, login.login_password) == ("search@example.org", "first")


def test_settings_are_read_from_an_encrypted_parameter() -> None:
    boto3.client("ssm").put_parameter(Name="/petition/password", Value="from ssm", Type="SecureString")

    login = Login.load({"LOGIN_EMAIL": "plain@example.org", "LOGIN_PASSWORD": "ssm:/petition/password"})

    assert (login.login_email, login.login_password) == ("plain@example.org", "from ssm")


def test_after_a_rejection_the_rotated_secret_is_tried() -> None:
    put("first")
    login = RotatingSetting(load_login)
    put("second")

    assert login.renew()
    assert login.value.login_password == "second"


def test_a_secret_refreshed_by_one_upstream_serves_the_next_one_without_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    put("first")
    one, another = RotatingSetting(load_login), RotatingSetting(load_login)
    put("second")
    one.renew()
    monkeypatch.setattr(secrets, "PAUSE_SECONDS", 1e9)

    assert another.renew()
    assert another.value.login_password == "second"


def test_a_secret_that_still_holds_is_not_tried_twice() -> None:
    put("first")

    assert not RotatingSetting(load_login).renew()


def test_plain_values_never_change() -> None:
    plain = {"LOGIN_EMAIL": "a@example.org", "LOGIN_PASSWORD": "plain"}

    assert not RotatingSetting(lambda: Login.load(plain)).renew()


def test_a_malformed_secret_is_read_again_once_it_is_fixed() -> None:
    put("short")
    with pytest.raises(SettingsError, match="malformed: LOGIN_PASSWORD"):
        LongLogin.load({"LOGIN_PASSWORD": REFERENCES["LOGIN_PASSWORD"]})
    put("long enough")

    assert LongLogin.load({"LOGIN_PASSWORD": REFERENCES["LOGIN_PASSWORD"]}).login_password == "long enough"


def test_nothing_is_tried_once_more_while_there_is_nothing_to_try() -> None:
    put("first")
    login = RotatingSetting(load_login)
    boto3.client("secretsmanager").put_secret_value(SecretId=NAME, SecretString="{}")

    assert not login.renew()
    assert login.value.login_password == "first"


def test_one_error_names_every_variable_that_is_wrong_and_shows_no_value() -> None:
    environ = {"LOGIN_PASSWORD": "secretsmanager:petition/hush-hush#password", "LOGIN_NOTE": "ssm:hush-hush"}

    with pytest.raises(SettingsError) as caught:
        Login.load(environ)

    assert str(caught.value) == (
        "Environment variables secret not readable (ResourceNotFoundException): LOGIN_PASSWORD; "
        "secret not readable (ParameterNotFound): LOGIN_NOTE; not set: LOGIN_EMAIL"
    )


def test_an_optional_setting_whose_secret_cannot_be_read_is_an_error_too() -> None:
    put("first")

    with pytest.raises(SettingsError, match=r"secret not readable \(ParameterNotFound\): LOGIN_NOTE"):
        Login.load(REFERENCES | {"LOGIN_NOTE": "ssm:missing"})


def test_without_a_region_the_error_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    with pytest.raises(SettingsError, match=r"secret not readable \(NoRegionError\): LOGIN_EMAIL, LOGIN_PASSWORD"):
        Login.load(REFERENCES)


def test_a_binary_secret_is_an_error() -> None:
    boto3.client("secretsmanager").create_secret(Name="binary", SecretBinary=b"\x00")

    with pytest.raises(SettingsError, match=r"secret not readable \(no text\): LOGIN_EMAIL"):
        Login.load({"LOGIN_EMAIL": "secretsmanager:binary", "LOGIN_PASSWORD": "plain"})


def test_boto3_is_imported_only_where_a_reference_is_used() -> None:
    layer = Path(secrets.__file__).parents[2]
    imports = "import sys; from petition.config import secrets, settings"
    program = f"{imports}; secrets.resolve('plain'); print('boto3' in sys.modules)"

    run = subprocess.run(  # noqa: S603 - a program of this test's own
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(layer)},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )

    assert run.stdout.strip() == "False"
