"""The route that CONTRIBUTING.md adds in five steps is added, to a copy of the sources."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.gateway.template import load
from local.intrinsics import parse_template
from tools.artifact import ROOT
from tools.check_template import faults
from tools.template import REQUIRED

PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
# The line before which each block of the page goes: the route that is added comes before /api/permissions/revalidate.
NEXT_LINES = {
    "template.yaml: RouteSettings": "        POST /api/permissions/revalidate: {Throttling",
    "template.yaml": "\n  # --- POST /api/permissions/revalidate",
    "functions/Makefile": "build-PermissionsFunction:",
    "tools/openapi/about.py: OPERATIONS": '    "/api/permissions/revalidate": About(',
    "tools/openapi/examples.json": '  "/api/permissions/revalidate": {',
    "tools/events.py: events": '        "revalidate": http_event(',
    "tools/smoke_checks.py: request_for": '        case "/api/permissions/revalidate":',
    "tests/unit/test_imports.py: MAY_IMPORT": '    "permissions.app": ',
    "tests/unit/test_start.py: NEEDS": '    "permissions.app": ',
}
# They compare the lists of step 4 with the template, or read what is written from them.
TESTS_OF_LISTS = (
    "tests/unit/test_imports.py::test_the_list_names_every_function_of_the_template",
    "tests/unit/test_layering.py::test_every_folder_of_functions_is_in_each_list_of_folders",
    "tests/unit/test_openapi.py",
    "tests/unit/test_runbook.py",
    "tests/unit/test_start.py",
    "tests/unit/test_template.py",
    "tests/unit/test_template_examples.py",
)


def read_block(path: str) -> str:
    """The block of code below the comment that names a file."""
    block = re.search(rf"<!-- {re.escape(path)} -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)
    assert block, path
    return block[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the five steps change, with them done."""
    for folder in ("functions", "layers", "tests", "local", "tools", "events", "docs", "environments", "supabase"):
        ignored = shutil.ignore_patterns("__pycache__", "node_modules", ".ready")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    for file in ("template.yaml", "env.example.json"):
        shutil.copy(ROOT / file, tmp_path)
    rules = (ROOT / "pyproject.toml").read_text("utf-8")
    (tmp_path / "pyproject.toml").write_text(rules.replace('"permissions"]', '"permissions", "me"]'), "utf-8")
    template, logs = tmp_path / "template.yaml", "        - !Ref PermissionsLogs\n"
    queries = template.read_text("utf-8")
    assert queries.count(logs) == 2
    template.write_text(queries.replace(logs, "        - !Ref MeLogs\n" + logs), "utf-8")
    for block, following in NEXT_LINES.items():
        changed = tmp_path / block.partition(":")[0]
        before = changed.read_text("utf-8")
        assert before.count(following) == 1, block
        changed.write_text(before.replace(following, read_block(block) + following), "utf-8")
    for path in ("functions/me/app.py", "tests/integration/me/test_me.py"):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(read_block(path), "utf-8")
    (tmp_path / "functions/me/__init__.py").write_text('"""What the caller may do."""\n')
    return tmp_path


def run_module(checkout: Path, *arguments: str) -> str:
    """The output of a Python module that runs in the copy and ends well."""
    done = subprocess.run(  # noqa: S603 - this interpreter, and arguments of this test's own
        [sys.executable, "-m", *arguments],
        cwd=checkout,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PYTHONPATH": "functions:layers/shared"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_test_passes(checkout: Path) -> None:
    assert "1 passed" in run_module(checkout, "pytest", "-q", "tests/integration/me")


def test_the_lists_are_complete(checkout: Path) -> None:
    for module in ("tools.openapi", "tools.events"):
        run_module(checkout, module)
    assert "/api/me" in json.loads((checkout / "docs" / "openapi.json").read_text("utf-8"))["paths"]
    run_module(checkout, "pytest", "-q", *TESTS_OF_LISTS)


def test_a_route_without_a_description_is_named(checkout: Path) -> None:
    shutil.copy(ROOT / "tools" / "openapi" / "about.py", checkout / "tools" / "openapi")
    with pytest.raises(AssertionError, match=r"OPERATIONS in tools/openapi/about.py .* differ: /api/me\."):
        run_module(checkout, "tools.openapi")


def test_the_gateway_serves_it(checkout: Path) -> None:
    template = load(checkout / "template.yaml")
    assert template.functions["MeFunction"].handler == "me.app.handler"


def test_the_template_keeps_every_house_rule(checkout: Path) -> None:
    assert sorted(faults(parse_template((checkout / "template.yaml").read_text("utf-8")), REQUIRED)) == []
