"""Builds a copy of the project, for either architecture, with as little of this machine as possible."""

import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from local.state import ROOT
from tools.template import read_template

type Build = Callable[[str], Path]

ARCHITECTURES = ("arm64", "x86_64")
HERE = "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"
FUNCTIONS = {n: r for n, r in read_template()["Resources"].items() if r["Type"] == "AWS::Serverless::Function"}


def checkout(source: Path, folder: Path) -> Path:
    """Copy what a build needs, so that all of it is of one moment."""
    for name in ("functions", "layers", "requirements", "tools"):
        shutil.copytree(source / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("samconfig.toml", "template.yaml"):
        shutil.copy(source / name, folder)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


def sam_build(project: Path, architecture: str, umask: int = 0o022) -> Path:
    """Build for an architecture with nothing on the path but make and a shell: no compiler, no container."""
    built, path = project / f"built-{architecture}", project / f"path-{architecture}"
    path.mkdir()
    for tool in ("make", "sh", "bash"):
        (path / tool).symlink_to(str(shutil.which(tool)))
    subprocess.run(  # noqa: S603 - our own arguments
        [".venv/bin/sam", "build", "--build-dir", built, "--parameter-overrides", f"Architecture={architecture}"],
        cwd=project,
        env=os.environ | {"PATH": str(path), "SAM_CLI_TELEMETRY": "0"},
        check=True,
        capture_output=True,
        timeout=300,
        umask=umask,
    )
    return built
