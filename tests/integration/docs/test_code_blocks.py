"""What docs/ and the README show is right: TypeScript compiles, JSON and YAML are read, commands exist.

Each block is also claimed by the test that runs it. A new one fails here until one does.
"""

import json
import re
import shlex
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest
import yaml  # type: ignore[import-untyped]  # no types are installed

from local.state import ROOT
from tests.integration.docs.blocks import Block, blocks
from tests.integration.docs.frontend import compile_pages, pages_with_code

TARGETS = frozenset(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
# What a target reads itself, and what it passes on to the program.
SETTINGS = frozenset(
    re.findall(r"\$\((?:if |or |filter [^,]*,)?\$?\(?([A-Z_]+)", (ROOT / "Makefile").read_text())
    + [
        name
        for file in (ROOT / "local").glob("*.py")
        for name in re.findall(r'environ\S*?[([]"([A-Z_]+)"', file.read_text())
    ]
)
# What a page abbreviates with an ellipsis is shown, not copied.
ELLIPSIS = re.compile("…")

each = pytest.mark.parametrize

# The page, how the block begins, and the test that runs or compares it; see `COMPILED` for all that a compiler takes.
COMPILED = frozenset({"ts", "tsx"})
CLAIMS = (
    ("README.md", "make dev ", "test_stack_processes.py"),
    ("README.md", "# sign in", "docs/test_shell.py"),
    ("README.md", '{"persons"', "docs/test_shell.py"),
    ("CONTRIBUTING.md", "make ", "docs/test_code_blocks.py"),
    ("CONTRIBUTING.md", '"""POST /api/me', "test_contributing.py"),
    ("CONTRIBUTING.md", "        POST /api/me", "test_contributing.py"),
    ("CONTRIBUTING.md", "  # --- POST /api/me", "test_contributing.py"),
    ("CONTRIBUTING.md", "from me import app", "test_contributing.py"),
    ("CONTRIBUTING.md", "build-MeFunction:", "test_contributing.py"),
    ("CONTRIBUTING.md", '    "/api/me": About(', "test_contributing.py"),
    ("CONTRIBUTING.md", '  "/api/me": {', "test_contributing.py"),
    ("CONTRIBUTING.md", '        "me": http_event(', "test_contributing.py"),
    ("CONTRIBUTING.md", '        case "/api/me":', "test_contributing.py"),
    ("CONTRIBUTING.md", '    "me.app": ', "test_contributing.py"),
    ("CONTRIBUTING.md", 'eval "$(make -s session)"', "test_contributing.py"),
    ("architecture.md", "template.yaml ", "docs/test_code_blocks.py"),
    ("charts.md", "insert into charts", "docs/test_sql.py"),
    ("charts.md", "create view chart_sources", "docs/test_sql.py"),
    ("charts.md", "{\n", "charts/test_examples.py"),
    ("charts.md", "POST /api/charts/{id} ─", "chart_jobs/test_whole_stack.py"),
    ("charts.md", "curl ", "docs/test_shell.py"),
    ("database.md", "supabase migration list", "database/test_supabase_cli.py"),
    ("database.md", "supabase migration new", "database/test_supabase_cli.py"),
    ("database.md", "create ", "database/test_house_rules.py"),
    ("deploy.md", "cp environments/example.yaml", "operating/test_deploy_page.py"),
    ("deploy.md", "export SMOKE_TOKEN", "operating/test_smoke.py"),
    ("deploy.md", "  # SearchFunction", "operating/test_deploy_page.py"),
    ("deploy.md", "          DIRECTUS_CREDENTIALS", "operating/test_deploy_page.py"),
    ("deploy.md", "  make cookie-keys", "operating/test_deploy_page.py"),
    ("deploy.md", "   aws cloudformation deploy", "operating/test_deploy_page.py"),
    ("deploy.md", "make docker-env", "operating/test_docker_env.py"),
    ("frontends.md", "cd clients/typescript && npm", "typescript/test_client.py"),
    ("how-to.md", "make import-voters", "voters/test_import.py"),
    ("local.md", "make dev ", "docs/test_code_blocks.py"),
    ("nextjs-revalidate.md", "make dev FRONTEND", "docs/test_code_blocks.py"),
    ("runbook.md", "f", "../unit/test_runbook.py"),
    ("search.md", '{"firstName"', "docs/test_shell.py"),
    ("signers.md", "curl ", "docs/test_shell.py"),
    ("signers.md", "alter table", "docs/test_sql.py"),
    ("signers.md", "SADD", "docs/test_shell.py"),
    ("signers.md", "make rebuild-signers", "signers/test_rebuild.py"),
)


def is_claimed(block: Block, page: str, start: str) -> bool:
    return block.page.name == page and block.text.startswith(start)


def claims(block: Block) -> list[str]:
    return [test for page, start, test in CLAIMS if is_claimed(block, page, start)]


@each("block", [block for block in blocks() if block.language not in COMPILED], ids=str)
def test_a_block_is_claimed_by_a_test_that_exists(block: Block) -> None:
    assert claims(block), "nothing runs this block: add a test, and name it in CLAIMS"
    for test in claims(block):
        assert (ROOT / "tests" / "integration" / test).is_file()


def test_no_claim_is_left_over() -> None:
    starts = {(page, start) for page, start, _ in CLAIMS}
    used = {(page, start) for page, start in starts for block in blocks() if is_claimed(block, page, start)}
    assert starts == used


def test_the_tree_of_the_architecture_names_what_exists() -> None:
    (tree,) = (block for block in blocks("") if block.page.name == "architecture.md")
    folder = Path()
    for line in filter(str.strip, tree.text.splitlines()):
        name = line.split()[0].rstrip(",")
        if not line.startswith(" "):
            folder = ROOT / name
        path = folder / name if line.startswith(" ") else folder
        assert path.exists() or path.with_suffix(".py").exists(), line


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
    for line in re.findall(r"(?:^|\(| )(make [^#&;)\n]*)", block.text, re.MULTILINE):
        assert {word.partition("=")[0] for word in shlex.split(line) if "=" in word} <= SETTINGS, line


def test_typescript_compiles_strictly(tmp_path: Path) -> None:
    assert pages_with_code()
    assert compile_pages(tmp_path) == ""
