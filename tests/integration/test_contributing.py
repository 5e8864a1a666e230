"""The route that CONTRIBUTING.md adds in five steps is added, to a copy of the sources."""

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
NEXT_BLOCK = "  # --- POST /api/permissions/revalidate"
NEXT_SETTING = "        POST /api/permissions/revalidate: {Throttling"


def read_block(path: str) -> str:
    """The block of code below the comment that names a file."""
    block = re.search(rf"<!-- {re.escape(path)} -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)
    assert block, path
    return block[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the five steps change, with them done."""
    for folder in ("functions", "layers", "tests", "local", "tools", "events"):
        ignored = shutil.ignore_patterns("__pycache__", "node_modules", ".ready")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    template = (ROOT / "template.yaml").read_text("utf-8")
    for block, following in (("template.yaml: RouteSettings", NEXT_SETTING), ("template.yaml", "\n" + NEXT_BLOCK)):
        assert template.count(following) == 1
        template = template.replace(following, read_block(block) + following)
    (tmp_path / "template.yaml").write_text(template, "utf-8")
    for path in ("functions/me/app.py", "tests/integration/me/test_me.py"):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(read_block(path), "utf-8")
    (tmp_path / "functions/me/__init__.py").write_text('"""What the caller may do."""\n')
    return tmp_path


def test_its_test_passes(checkout: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/integration/me"],
        cwd=checkout,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_the_gateway_serves_it(checkout: Path) -> None:
    template = load(checkout / "template.yaml")
    assert template.functions["MeFunction"].handler == "me.app.handler"


def test_the_template_keeps_every_house_rule(checkout: Path) -> None:
    assert sorted(faults(parse_template((checkout / "template.yaml").read_text("utf-8")), REQUIRED)) == []
