"""What `sam` would do with containers, asked of its own code: there need be no Docker here."""

import inspect
import platform
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner
from samcli.cli.main import cli  # type: ignore[import-untyped]
from samcli.lib.providers.api_provider import ApiProvider  # type: ignore[import-untyped]
from samcli.lib.providers.sam_function_provider import SamFunctionProvider  # type: ignore[import-untyped]
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider  # type: ignore[import-untyped]

from local.gateway.template import load
from tools.artifact import ROOT

HERE = "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"
MODULES = {
    "build": "samcli.commands.build.command",
    "local invoke": "samcli.commands.local.invoke.cli",
    "local start-api": "samcli.commands.local.start_api.cli",
}
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # between sam and its libraries
TARGETS = ("docker-invoke", "docker-api")


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of what `sam` reads of the project, and an env.json."""
    for name in ("template.yaml", "samconfig.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "events", tmp_path / "events")
    shutil.copy(ROOT / "env.example.json", tmp_path / "env.json")
    monkeypatch.chdir(tmp_path)


def commands(target: str, *variables: str) -> list[str]:
    """The `sam` commands of a target of the Makefile, without the program's name."""
    done = subprocess.run(  # noqa: S603 - our own arguments
        ["make", "-n", target, *variables],  # noqa: S607 - whichever make there is
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.replace("\\\n", "").splitlines()
    return [line.partition("/sam ")[2] for line in lines if "/sam " in line]


def options_of(command: str) -> Mapping[str, Any]:
    """Return the options that `sam` reads from a command and from samconfig.toml, without running it."""
    module = next(module for name, module in MODULES.items() if command.startswith(name))
    signature = inspect.signature(import_module(module).do_cli)
    with patch(f"{module}.do_cli") as do_cli:
        result = CliRunner().invoke(cli, shlex.split(command))
    assert result.exit_code == 0, result.output
    return signature.bind(*do_cli.call_args.args, **do_cli.call_args.kwargs).arguments


def architectures(parameters: Mapping[str, str]) -> set[str]:
    """Return the architectures for which `sam` would build and run the functions and their layer."""
    stacks, _ = SamLocalStackProvider.get_stacks("template.yaml", parameter_overrides=dict(parameters))
    functions = [*SamFunctionProvider(stacks).get_all()]
    layers = [layer for function in functions for layer in function.layers]
    return {each.architecture for each in functions} | {layer.build_architecture for layer in layers}


@pytest.mark.parametrize("target", TARGETS)
def test_functions_are_built_and_run_for_the_processor_of_this_machine(target: str) -> None:
    first, second = (options_of(command) for command in commands(target, "F=DuplicateFunction"))

    assert architectures(first["parameter_overrides"]) == {HERE}
    assert architectures(second["parameter_overrides"]) == {HERE}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("machine", ["arm64", "x86_64"])
def test_another_processor_can_be_asked_for(target: str, machine: str) -> None:
    for command in commands(target, f"MACHINE={machine}"):
        assert architectures(options_of(command)["parameter_overrides"]) == {machine}


@pytest.mark.parametrize("target", TARGETS)
def test_containers_find_this_machine_on_linux_too(target: str) -> None:
    _, run = (options_of(command) for command in commands(target))

    assert run["add_host"] == {"host.docker.internal": "host-gateway"}
    assert run["env_vars"].endswith("env.json")


def test_the_function_and_the_event_are_the_ones_asked_for() -> None:
    _, run = commands("docker-invoke", "F=ChartFunction", "E=events/chart.json")

    assert options_of(run)["function_identifier"] == "ChartFunction"
    assert options_of(run)["event"] == "events/chart.json"


def test_the_api_in_containers_has_every_route_and_no_cors_which_the_documentation_says() -> None:
    stacks, _ = SamLocalStackProvider.get_stacks(
        "template.yaml", parameter_overrides={"AllowedOrigins": "https://app.example.org"}
    )

    api = ApiProvider(stacks).api

    assert len(api.routes) == len(load(ROOT / "template.yaml").routes)
    assert not api.cors or not api.cors.allow_origin
    assert "sends no CORS headers" in (ROOT / "docs" / "deploy.md").read_text()
