"""Faults of an environment's file are reported before anything is built, in a sentence, and without a value."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from samcli.cli.types import CfnParameterOverridesType  # type: ignore[import-untyped]

from tools import environment, parameters
from tools.account import check_account
from tools.artifact import ROOT
from tools.environment import EnvironmentFileError, load, stack_name
from tools.parameters import ParameterError, Values, check_parameters
from tools.template import EVERYTHING, read_template

REQUIRED = "DirectusUrl: https://directus.acme.org\nSupabaseUrl: https://acme.supabase.co\n"
CERTIFICATE = EVERYTHING["CertificateArn"]

type Check = Callable[[str], Values]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """The parameters of a file with this text, checked."""

    def run(text: str) -> Values:
        (tmp_path / "staging.yaml").write_text(text)
        return check_parameters(load("staging", tmp_path), read_template())

    return run


def test_every_parameter_but_the_release_is_given_so_that_nothing_stays_from_the_deployment_before(
    check: Check,
) -> None:
    given = check(REQUIRED)

    assert given.keys() == read_template()["Parameters"].keys() - {"Release"}
    assert given["AllowAnonymousSearch"] == "false"
    assert given["SecretsPrefix"] == stack_name("staging") == "petition-staging"


WRONG = {
    "misspelt": ("AlarmEmial: a@b.org", "AlarmEmial is not a parameter: did you mean AlarmEmail?"),
    "in small letters": ("alarmemail: a@b.org", "alarmemail is not a parameter: did you mean AlarmEmail?"),
    "unknown": ("Colour: blue", "Colour is not a parameter of template.yaml."),
    "filled in": ("SecretsPrefix: petition-production", "SecretsPrefix must be left out: it follows"),
    "the release": ("Release: one", "Release must be left out: make deploy sets it."),
    "from another file": ("$include: production.yaml", "$include is not allowed"),
    "of another form": ("AlarmEmail: hush-hush", "AlarmEmail must be an e-mail address or empty."),
    "not among the allowed": ("AllowAnonymousSearch: maybe", "AllowAnonymousSearch must be one of true, false."),
    "too large": ("SearchConcurrency: 901", "SearchConcurrency must be a whole number from 0 to 900."),
    "no number": ("ChartConcurrency: many", "ChartConcurrency must be a whole number from 2 to 1000."),
    "empty where it may not be": ("PersonsCollection:", "PersonsCollection must be the name of a collection."),
    "an object": ("PersonsFields: {voterId: id}", "PersonsFields must be a JSON object"),
    "a domain alone": ("DomainName: api.acme.org", "DomainName needs CertificateArn."),
    "subnets alone": ("SubnetIds: [subnet-01234567]", "SubnetIds needs SecurityGroupIds."),
    "a certificate of another region": (
        f"Region: eu-central-1\nDomainName: api.acme.org\nCertificateArn: {CERTIFICATE}",
        "CertificateArn must be in the stack's region.",
    ),
    "the example's": (
        "AlarmEmail: operator@example.org",
        "AlarmEmail still has the value of environments/example",
    ),
    "the example's account": ('Account: "123456789012"', "Account still has the value of environments/example.yaml."),
}


@pytest.mark.parametrize(("line", "sentence"), WRONG.values(), ids=WRONG)
def test_a_parameter_that_is_wrong_is_named(check: Check, line: str, sentence: str) -> None:
    with pytest.raises(ParameterError) as raised:
        check(REQUIRED + line + "\n")

    (message,) = str(raised.value).splitlines()
    assert message.startswith("environments/staging.yaml: ")
    assert sentence in message
    assert "hush" not in message


def test_all_that_is_wrong_is_told_at_once(check: Check) -> None:
    with pytest.raises(ParameterError) as raised:
        check("AlarmEmial: a@b.org\nSearchConcurrency: -1\nDomainName: api.acme.org\n")

    message = str(raised.value)
    assert len(message.splitlines()) == 5
    assert "DirectusUrl is missing: The Directus that holds the persons" in message


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("DirectusUrl: a\nDirectusUrl: b\n", "DirectusUrl is given twice."),
        ("DirectusUrl: [", "environments/staging.yaml is not YAML, see line 1."),
        ("- a list", "must hold parameters"),
        ("", "must hold parameters"),
        ("Account: 123456789012", "Account must look like"),
        ('Account: "12345"', "Account must look like"),
        ("Region: Frankfurt", "Region must look like us-east-1."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(check: Check, text: str, sentence: str) -> None:
    with pytest.raises(EnvironmentFileError, match=sentence):
        check(text)


@pytest.mark.parametrize("name", ["", "example", "../staging", "Staging", "staging.yaml", "x" * 21, "a b"])
def test_a_name_that_cannot_be_an_environments_is_refused(name: str) -> None:
    with pytest.raises(EnvironmentFileError, match="ENV must name"):
        load(name)


def test_an_environment_without_a_file_is_told_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFileError, match=r"environments/staging\.yaml was not found: copy"):
        load("staging", tmp_path)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """AWS, and whose account the credentials are of."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield boto3.client("sts").get_caller_identity()["Account"]


def test_credentials_of_another_account_deploy_nothing(tmp_path: Path, aws: str) -> None:
    for account, text in ((aws, "right"), ("999999999999", "wrong")):
        (tmp_path / f"{text}.yaml").write_text(f'{REQUIRED}Account: "{account}"\n')

    check_account(load("right", tmp_path))
    with pytest.raises(EnvironmentFileError, match="belong to another account"):
        check_account(load("wrong", tmp_path))


def test_what_sam_is_given_is_what_was_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment, "FOLDER", tmp_path)
    monkeypatch.setattr(parameters, "WRITTEN", tmp_path / "written")
    text = (
        f"{REQUIRED}Region: eu-west-1\nAllowedOrigins:\n  - https://a.acme.org\n  - https://b.acme.org\n"
        'CookieSealed: no\nSearchConcurrency: 50\nAlarmEmail:\nPersonsFields: \'{"voterId": "voter_id"}\'\n'
    )
    (tmp_path / "staging.yaml").write_text(text)
    monkeypatch.setattr(parameters, "load", lambda name: load(name, tmp_path))

    parameters.main("staging")

    written = tmp_path / "written" / "staging.yaml"
    delivered = CfnParameterOverridesType().convert([f"file://{written}", "Release=abc"], None, None)
    assert delivered == json.loads(written.read_text()) | {"Release": "abc"}
    assert delivered["AllowedOrigins"] == "https://a.acme.org,https://b.acme.org"
    assert delivered["CookieSealed"] == "False"
    assert delivered["PersonsFields"] == '{"voterId": "voter_id"}'
    assert "acme" not in capsys.readouterr().out


def test_a_command_ends_with_the_sentences_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.parameters", "nowhere"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr == "environments/nowhere.yaml was not found: copy environments/example.yaml and fill it in.\n"
