"""The Next.js handler of docs/nextjs-revalidate.md while its secret is being replaced, run by Node."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from local.services.node import NODE
from tools.artifact import ROOT

OLD, NEW = "the old made-up secret", "the new made-up secret"
TAG = "permissions-01a20728-9052-717c-aaa2-3a6dfb7658c9"
ASK = """
import { POST } from "./route.ts";

const body = JSON.stringify({ tag: process.argv[3] });
const headers = process.argv[2] === "none" ? {} : { authorization: process.argv[2] };
console.log((await POST(new Request("http://x/", { method: "POST", headers, body }))).status);
"""
NEXT_CACHE = "export const revalidateTag = () => undefined;"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A folder with the documented handler and Next's function that it calls."""
    handler = re.search(
        r"/route\.ts\n(import { createHash.*?)```", (ROOT / "docs/nextjs-revalidate.md").read_text(), re.DOTALL
    )
    assert handler
    cache = tmp_path / "node_modules" / "next"
    cache.mkdir(parents=True)
    (cache / "cache.mjs").write_text(NEXT_CACHE)
    (cache / "package.json").write_text(json.dumps({"name": "next", "exports": {"./cache": "./cache.mjs"}}))
    (tmp_path / "route.ts").write_text(handler[1])
    (tmp_path / "ask.mjs").write_text(ASK)
    return tmp_path


def status(app: Path, known: str | None, authorization: str) -> int:
    """Return the status that a frontend with these secrets answers."""
    done = subprocess.run(  # noqa: S603 - the page's own code
        [NODE, "--no-warnings", "ask.mjs", authorization, TAG],
        cwd=app,
        env={} if known is None else {"REVALIDATE_SECRET": known},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.parametrize("known", [f"{NEW},{OLD}", f"{OLD}, {NEW}"])
@pytest.mark.parametrize("secret", [OLD, NEW])
def test_both_secrets_are_taken_during_a_rotation(app: Path, known: str, secret: str) -> None:
    assert status(app, known, f"Bearer {secret}") == 200


def test_the_old_secret_is_refused_after_it(app: Path) -> None:
    assert status(app, NEW, f"Bearer {OLD}") == 401
    assert status(app, NEW, f"Bearer {NEW}") == 200


@pytest.mark.parametrize("known", [None, "", ",", " , ", f"{NEW},", f",{NEW}"])
@pytest.mark.parametrize("authorization", ["none", "Bearer", "Bearer ", "Bearer ,", f"Bearer {NEW},{OLD}"])
def test_nothing_is_no_secret(app: Path, known: str | None, authorization: str) -> None:
    assert status(app, known, authorization) == 401
