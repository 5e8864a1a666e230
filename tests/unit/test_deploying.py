"""What `make` passes on to `sam` and to boto3, which nothing here lets them do."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.artifact import ROOT

type Make = Callable[..., str]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Run a target in the project's Makefile, with a recipe of the test's own beside it; what it prints."""
    makefile = tmp_path / "Makefile"
    makefile.write_text("include Makefile\nregion:\n\t@echo $$AWS_DEFAULT_REGION\n")
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


def deploying(printed: str) -> str:
    """The command that would deploy."""
    (line,) = [line for line in printed.replace("\\\n", "").splitlines() if "sam deploy" in line]
    return line


def test_the_region_that_the_documentation_asks_for_reaches_boto3(make: Make) -> None:
    assert make("region", AWS_REGION="eu-central-1", AWS_DEFAULT_REGION="us-west-2") == "eu-central-1\n"


def test_a_region_that_is_given_in_boto3s_own_way_stays(make: Make) -> None:
    assert make("region", AWS_DEFAULT_REGION="us-west-2") == "us-west-2\n"
    assert make("region") == "\n"


def test_a_second_stack_is_deployed_under_a_name_and_with_parameters_of_its_own(make: Make) -> None:
    command = deploying(make("-n", "deploy", "STACK_NAME=staging", "PARAMETERS=staging.yaml"))

    assert "--stack-name staging" in command
    assert "file://staging.yaml" in command


def test_the_first_stack_has_the_name_that_its_secrets_begin_with(make: Make) -> None:
    assert "--stack-name petition" in deploying(make("-n", "deploy", "PARAMETERS=parameters.yaml"))


def test_secrets_of_a_deployment_and_single_keys_can_be_asked_for(make: Make) -> None:
    assert make("-n", "secrets").rstrip().endswith("tools.put_secrets petition")
    asked = make("-n", "secrets", "PREFIX=staging", "KEYS=directus#password north#email")
    assert asked.rstrip().endswith("tools.put_secrets staging directus#password north#email")


def test_every_target_of_make_that_the_documentation_names_exists(make: Make) -> None:
    pages = "".join(page.read_text() for page in (ROOT / "docs").glob("*.md"))
    named = {*re.findall(r"(?:`|^ *|&& )make ([a-z-]+)", pages, re.MULTILINE)}

    assert {"deploy", "secrets", "cookie-keys", "docker-api"} <= named
    assert make("-n", *named)


def test_a_change_set_is_confirmed_unless_it_is_said_that_nobody_can(make: Make) -> None:
    asked, unasked = (make("-n", "deploy", "PARAMETERS=parameters.yaml", *more) for more in ([], ["YES=1"]))

    assert "--no-confirm-changeset" not in deploying(asked)
    assert "--no-confirm-changeset" in deploying(unasked)
