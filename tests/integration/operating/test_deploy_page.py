"""docs/deploy.md, followed as far as moto plays AWS: the commands as they stand, in a copy of the project."""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import boto3
import httpx
import pytest

from local.intrinsics import parse_template
from local.loopback import LOOPBACK
from local.state import ROOT
from tests.aws import empty_account
from tests.integration.docs.blocks import Block, blocks
from tests.integration.test_cloudformation import without_what_moto_cannot_make
from tools.check_template import faults
from tools.cloudformation import translate
from tools.template import EVERYTHING, REQUIRED, read_template

COPIED = ("Makefile", "template.yaml", "deployer.yaml", "samconfig.toml", "pyproject.toml", "docs")
FOLDERS = ("environments", "functions", "layers", "local", "requirements", "tools")
SECONDS = 120
SECRETS = {
    "directus": "search@example.org\na-made-up-password\n",
    "directus-keys": "\n\n",
    "redis": "rediss://default:made-up@redis.example.org:6379\n",
    "supabase": f"sb_secret_{'m' * 31}\n",
    "session": "\n",
    "next": "\n",
}

type Shell = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse:UserWarning")


def block(start: str) -> Block:
    """Return the page's block that begins with this text."""
    (found,) = (each for each in blocks() if each.page.name == "deploy.md" and each.text.lstrip().startswith(start))
    return found


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with empty_account() as url:
        without_docker = {"lambda": {"use_docker": False}}
        httpx.post(f"{url}/moto-api/config", json=without_docker, **LOOPBACK).raise_for_status()
        yield url


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the commands read of the project, with links to the installed packages."""
    folder = tmp_path_factory.mktemp("project")
    for name in (*COPIED, *FOLDERS):
        ignored = shutil.ignore_patterns("__pycache__", "node_modules")
        source = ROOT / name
        shutil.copytree(source, folder / name, ignore=ignored) if source.is_dir() else shutil.copy2(source, folder)
    for installed in (".venv", ".uv"):
        if (ROOT / installed).exists():
            (folder / installed).symlink_to(ROOT / installed)
    return folder


@pytest.fixture(scope="module")
def shell(project: Path, aws: str) -> Shell:
    """Run a line of the page without a terminal, on which passwords would be asked for."""
    given = {"AWS_ENDPOINT_URL": aws, "AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up"}
    environment = {"PATH": os.environ["PATH"], "HOME": str(project), **given}

    def run(line: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(  # noqa: S603 - our own page
            ["/bin/bash", "-c", line],
            cwd=project,
            env=environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            start_new_session=True,
        )
        assert "Traceback" not in done.stderr
        return done

    return run


# Without these, moto stumbles over the policies that are left out.
CONNECTED = f"""
Tracing: Active
SubnetIds: [{EVERYTHING["SubnetIds"]}]
SecurityGroupIds: [{EVERYTHING["SecurityGroupIds"]}]
"""


def fill_in(file: Path) -> None:
    """Values of an operator's own. The account is left out, as moto's is the example's."""
    text = CONNECTED + re.sub(r"^Account: .*\n", "", file.read_text(), flags=re.MULTILINE)
    file.write_text(text.replace("example.org", "acme.org").replace("abcdefghijklmnopqrst", "abcdefghijklmnopqrsz"))


@pytest.fixture(scope="module")
def commands(shell: Shell, project: Path) -> list[str]:
    """The commands of the first deployment, the first two of them run."""
    copy, secrets, *others = block("cp environments").text.splitlines()
    assert shell(copy).returncode == 0
    fill_in(project / "environments" / "staging.yaml")
    stored = shell(secrets, "".join(SECRETS.values()))
    names = ", ".join(f"petition-staging/{name}" for name in ("directus", "redis", "supabase", "cookie"))
    assert stored.stdout.endswith(f"Stored: {names}\n"), stored.stderr
    assert "made-up" not in stored.stdout + stored.stderr
    return others


@pytest.fixture(scope="module")
def deployment(commands: list[str], shell: Shell, project: Path) -> None:
    """The stack as CloudFormation creates it, after `make deploy`'s checks; the page says what moto lacks."""
    assert commands[-1].startswith("make deploy ENV=staging ")
    checked = shell("make environment ENV=staging")
    assert checked.returncode == 0, checked.stderr
    parameters = json.loads((project / ".aws-sam/parameters/staging.yaml").read_text()) | {"Release": "first"}
    _put_code()
    boto3.client("cloudformation").create_stack(
        StackName="petition-staging",
        TemplateBody=json.dumps(without_what_moto_cannot_make(translate(read_template(), parameters))),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM"],
    )


def _put_code() -> None:
    storage = boto3.client("s3")
    storage.create_bucket(Bucket="bucket")
    for key in ("functions", "layers/shared"):
        storage.put_object(Bucket="bucket", Key=key, Body=b"PK\5\6" + bytes(18))


@pytest.mark.usefixtures("commands")
def test_a_stack_that_is_not_deployed_yet_is_told_of(shell: Shell) -> None:
    for command in ("smoke", "rollback", "rebuild-signers"):
        done = shell(f"make {command} ENV=staging")
        assert (done.returncode, done.stderr.count("\n")) == (2, 2), done.stderr
        assert "The stack petition-staging was not found in us-east-1." in done.stderr


@pytest.mark.usefixtures("deployment")
def test_an_environments_commands_find_its_stack(shell: Shell) -> None:
    for command, shown in (
        ("outputs", "ChartQueueUrl"),
        ("logs", "parameters are valid"),
        ("delete YES=1", "Deleted "),
    ):
        done = shell(f"make {command} ENV=staging")
        assert (done.returncode, shown in done.stdout) == (0, True), done.stderr
    assert "was not found" in shell("make rollback ENV=staging").stderr


@pytest.mark.usefixtures("commands")
def test_cookie_keys_are_rotated_step_by_step(shell: Shell) -> None:
    add, turn, drop = (line.partition(" && ")[0] for line in dedent(block("make cookie-keys").text).splitlines())
    assert shell(turn).stderr.startswith("The step must be add.\n")
    assert "\nThe new key opens cookies. " in shell(add).stdout
    assert "\nThe new key seals. " in shell(turn).stdout
    assert re.match(r"Cookies of the old key live for \d+ more minutes\.", shell(drop).stderr)
    assert "\nThe old key is gone. " in shell(f"{drop} FORCE=1").stdout


@pytest.mark.usefixtures("aws")
def test_the_deployer_of_github_is_made_as_the_page_says(project: Path) -> None:
    words = shlex.split(dedent(block("aws cloudformation deploy").text))
    given = {name: words[words.index(name) + 1] for name in ("--stack-name", "--template-file", "--capabilities")}
    overrides = [word.partition("=") for word in words[words.index("--parameter-overrides") + 1 :]]
    assert given["--capabilities"] == "CAPABILITY_NAMED_IAM"
    client = boto3.client("cloudformation")
    client.create_stack(
        StackName=given["--stack-name"],
        TemplateBody=(project / given["--template-file"]).read_text(),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, _, value in overrides],
    )
    (stack,) = client.describe_stacks(StackName=given["--stack-name"])["Stacks"]
    named = {output["OutputKey"] for output in stack["Outputs"]}
    assert {"BoundaryArn", "StackRoleArn", "DeployRoleArn"} <= named


def insert(template: str, resource: str, line: str, lines: str) -> str:
    """Return the template with lines inserted after the first such line of a resource."""
    before, head, body = template.partition(f"\n  {resource}:\n")
    first, found, rest = body.partition(line)
    assert head
    assert found
    return before + head + first + line + lines + rest


def test_more_credentials_keep_the_house_rules_with_both_parts_and_not_with_one() -> None:
    _, variables, statement = re.split(r"^  # \w+\n", block("# SearchFunction").text, flags=re.MULTILINE)
    template = (ROOT / "template.yaml").read_text()
    half = insert(template, "SearchFunction", "        Variables:\n", variables)
    whole = insert(half, "SearchRole", "                Resource:\n", statement)
    declared = insert(whole, "SearchFunction", "        Variables:\n", block("DIRECTUS_CREDENTIALS").text)
    assert [*faults(parse_template(half), REQUIRED)] != []
    assert [*faults(parse_template(declared), REQUIRED)] == []
