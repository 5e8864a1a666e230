"""What `make` passes on to `sam` and to boto3, neither of which does anything here."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.artifact import ROOT
from tools.environment import Environment

type Make = Callable[..., str]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Run a target of the project's Makefile or of the test's own recipe, and return what it prints."""
    makefile = tmp_path / "Makefile"
    makefile.write_text("include Makefile\nregion:\n\t@echo $$AWS_DEFAULT_REGION\nstack:\n\t@echo $$STACK\n")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))}

    def run(*arguments: str, **environment: str) -> str:
        done = subprocess.run(  # noqa: S603 - our own arguments
            ["make", "--no-print-directory", "-f", makefile, *arguments],  # noqa: S607 - whichever make there is
            cwd=ROOT,
            env=clean | environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    return run


def find_deploy_command(printed: str) -> str:
    """Find the command that would deploy."""
    (line,) = [line for line in printed.replace("\\\n", "").splitlines() if "sam deploy" in line]
    return line


def test_the_region_that_the_documentation_asks_for_reaches_boto3(make: Make) -> None:
    assert make("region", AWS_REGION="eu-central-1", AWS_DEFAULT_REGION="us-west-2") == "eu-central-1\n"


def test_a_region_that_is_given_in_boto3s_own_way_stays(make: Make) -> None:
    assert make("region", AWS_DEFAULT_REGION="us-west-2") == "us-west-2\n"
    assert make("region") == "\n"


def test_a_running_stack_that_tests_are_to_use_is_passed_on_to_them(make: Make) -> None:
    assert make("stack", STACK=".local/stack.json") == ".local/stack.json\n"


def test_an_environment_is_one_file_one_stack_and_one_prefix(make: Make) -> None:
    command = find_deploy_command(make("-n", "deploy", "ENV=staging"))

    assert "--stack-name petition-staging " in command
    assert "file://.aws-sam/parameters/staging.yaml" in command
    assert "environment=staging" in command
    assert Environment("staging", {}, None, None).stack == "petition-staging"


@pytest.mark.parametrize("target", ["deploy", "delete", "logs", "outputs", "secrets", "cookie-keys", "rollback"])
def test_a_command_looks_at_the_environment_first(make: Make, target: str) -> None:
    *before, _ = (line for line in make("-n", target, "ENV=staging", "STEP=add").splitlines() if "staging" in line)

    assert any("tools.parameters" in line for line in before)
    assert any("tools.account" in line for line in before)


def test_parameters_are_checked_before_anything_is_built(make: Make) -> None:
    printed = make("-n", "deploy", "ENV=staging")

    assert printed.index("tools.parameters") < printed.index("sam build") < printed.index("sam deploy")
    assert printed.index("sam deploy") < printed.index("tools.smoke")


@pytest.mark.parametrize("command", ["delete", "logs", "outputs"])
def test_a_command_needs_no_setting_but_the_environment(make: Make, command: str) -> None:
    line = make("-n", command, "ENV=staging").splitlines()[-1]

    assert "--stack-name petition-staging" in line


def test_the_region_of_an_environments_file_wins_over_the_shells(make: Make, tmp_path: Path) -> None:
    (tmp_path / "north.yaml").write_text('Region: "eu-north-1"\n')
    name = (tmp_path / "north").relative_to(ROOT / "environments", walk_up=True)

    assert make("region", f"ENV={name}", AWS_REGION="us-west-2") == "eu-north-1\n"


def test_secrets_of_a_deployment_and_single_keys_can_be_asked_for(make: Make) -> None:
    assert make("-n", "secrets", "ENV=staging").rstrip().endswith('tools.put_secrets "staging"')
    asked = make("-n", "secrets", "ENV=staging", "KEYS=directus#password north#email")
    assert asked.rstrip().endswith('tools.put_secrets "staging" directus#password north#email')


def test_every_target_of_make_that_the_documentation_names_exists(make: Make) -> None:
    pages = "".join(page.read_text() for page in (ROOT / "docs").glob("*.md"))
    named = {*re.findall(r"(?:`|^ *|&& )make ([a-z-]+)", pages, re.MULTILINE)}

    assert {"deploy", "secrets", "cookie-keys", "docker-api"} <= named
    assert make("-n", *named)


def test_a_change_set_is_confirmed_unless_it_is_said_that_nobody_can(make: Make) -> None:
    asked, unasked = (make("-n", "deploy", "ENV=staging", *more) for more in ([], ["YES=1"]))

    assert "--no-confirm-changeset" not in find_deploy_command(asked)
    assert "--no-confirm-changeset" in find_deploy_command(unasked)


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("session", "The stack is not running: start it with  make dev"),
        ("refresh-charts", "The stack is not running: start it with  make dev"),
        ("rebuild-signers", "The stack is not running: start it with  make dev"),
        ("smoke ENV=local", "The stack is not running: start it with  make dev"),
        ("docker-env", "The stack is not running: start it with  make dev"),
        ("docker-invoke", "env.json was not found: make docker-env writes one"),
        ("logs", "There are no logs yet: start the stack with  make dev"),
    ],
)
def test_a_fresh_clone_is_told_what_is_missing_before_anything_is_installed(
    tmp_path: Path, target: str, sentence: str
) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    done = subprocess.run(  # noqa: S603 - our own targets
        ["make", *target.split()],  # noqa: S607 - whichever make there is
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr.startswith(sentence)
    assert [entry.name for entry in tmp_path.iterdir()] == ["Makefile"]


def test_a_python_of_another_version_is_refused_at_once(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for needed in ("requirements/dev.txt", "requirements/uv.txt", "local/node/package-lock.json"):
        (tmp_path / needed).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / needed).touch()
    (tmp_path / "other-python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "other-python").chmod(0o755)
    done = subprocess.run(
        ["make", "dev", "PYTHON=./other-python"],  # noqa: S607 - whichever make there is
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "./other-python is not Python 3.13: name one with  make PYTHON=" in done.stdout
    assert not (tmp_path / ".venv").exists()
