"""What docs/ and the README show is right: TypeScript compiles, JSON and YAML are read, commands exist."""

import json
import re
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest
import yaml  # type: ignore[import-untyped]  # no types are installed

from local.state import ROOT
from tests.integration.docs.blocks import Block, blocks
from tests.integration.docs.frontend import compile_page, pages_with_code

TARGETS = frozenset(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
# What a page abbreviates with an ellipsis is shown, not copied.
ELLIPSIS = re.compile("…")

each = pytest.mark.parametrize


@each("block", [*blocks("json")], ids=str)
def test_json_is_json(block: Block) -> None:
    for document in [block.text] if not ELLIPSIS.search(block.text) else []:
        json.loads(document)


@each("block", [*blocks("yaml")], ids=str)
def test_yaml_is_yaml(block: Block) -> None:
    for part in filter(str.strip, re.split(r"^ *# .*$", block.text, flags=re.MULTILINE)):
        # parsed, not composed: an excerpt has aliases of what stands elsewhere
        assert list(yaml.parse(dedent(part)))


@each("block", [*blocks("sh")], ids=str)
def test_commands_are_shell_and_their_targets_exist(block: Block) -> None:
    checked = subprocess.run(["/bin/bash", "-n"], input=block.text, text=True, capture_output=True, check=False)
    assert checked.stderr == ""
    named = set(re.findall(r"(?:^|[;&(] ?)make (?:-s )?([a-z][a-z-]+)", block.text, re.MULTILINE))
    assert named <= TARGETS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("docs")


@each("page", pages_with_code())
def test_typescript_compiles_strictly(folder: Path, page: str) -> None:
    assert compile_page(folder / page, page) == ""
