"""The layering check fails on a copy of the sources with one import reversed."""

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tools.artifact import ROOT

LINT = ROOT / ".venv" / "bin" / "lint-imports"
ROOMS = "The rooms of the layer lie one above the other"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of the sources that a test may change."""
    for folder in ("functions", "layers/shared/petition"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def check(sources: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(str(sources / folder) for folder in ("functions", "layers/shared"))
    return subprocess.run(  # noqa: S603 - a tool of this project
        [LINT, "--no-cache", "--no-logo"],
        cwd=sources,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_every_folder_of_functions_is_in_each_list_of_folders() -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    folders = {each.parent.name for each in (ROOT / "functions").glob("*/__init__.py")}
    values = [value for each in (rules, *rules["contracts"]) for value in each.values()]
    lists = [value for value in values if isinstance(value, list) and folders.intersection(map(str, value))]
    assert [folders.difference(each) for each in lists] == [set()] * 5


def test_the_sources_as_they_are_pass(sources: Path) -> None:
    checked = check(sources)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("module", "imports", "contract"),
    [
        ("layers/shared/petition/errors.py", "petition.telemetry", ROOMS),
        ("layers/shared/petition/upstream/client.py", "petition.config.settings", ROOMS),
        ("layers/shared/petition/clients/redis.py", "petition.auth.permissions", ROOMS),
        ("layers/shared/petition/auth/access.py", "petition.http.request", ROOMS),
        ("functions/duplicate/app.py", "charts.definition", "No function's folder imports another"),
        ("layers/shared/petition/http/handler.py", "charts.definition", "The layer imports no function"),
        ("layers/shared/petition/config/secret_ref.py", "petition.config.secrets", "No module imports itself"),
        ("layers/shared/petition/auth/session.py", "httpx", "HTTP is spoken in one room"),
    ],
)
def test_an_arrow_that_is_turned_round_is_found(sources: Path, module: str, imports: str, contract: str) -> None:
    with (sources / module).open("a") as file:
        file.write(f"\nimport {imports}\n")
    checked = check(sources)
    assert checked.returncode == 1
    broken = [line for line in checked.stdout.splitlines() if line.endswith("BROKEN")]
    assert any(line.startswith(contract) for line in broken), checked.stdout
