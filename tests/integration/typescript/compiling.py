"""The client's tools, run as a person runs them."""

import shutil
import subprocess
from pathlib import Path

from local.services.node import NODE
from local.state import ROOT
from tools.npm_install import NPM

CLIENT = ROOT / "clients" / "typescript"
MODULES = CLIENT / "node_modules"
DOCUMENT = ROOT / "docs" / "openapi.json"
STRICT = (
    *("--noEmit", "--strict", "--noUncheckedIndexedAccess", "--noFallthroughCasesInSwitch", "--skipLibCheck"),
    *("--target", "es2022"),
)


def run(tool: str, *arguments: str | Path, cwd: Path = CLIENT) -> subprocess.CompletedProcess[str]:
    """Run a program of the client's development dependencies."""
    command: list[str | Path] = [*([NODE, NPM] if tool == "npm" else [MODULES / ".bin" / tool]), *arguments]
    return subprocess.run(  # noqa: S603 - our own development dependencies
        command, cwd=cwd, env={"PATH": f"{NODE.parent}:/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )


def pack(folder: Path) -> Path:
    """Pack the client with `npm pack`, and return the archive."""
    run("npm", "pack", "--silent", "--pack-destination", folder).check_returncode()
    (archive,) = folder.glob("petition-client-*.tgz")
    return archive


def project(folder: Path) -> Path:
    """A folder in which the client is installed as a dependency, beside its own."""
    shutil.copytree(Path(__file__).with_name("code"), folder, dirs_exist_ok=True)
    modules = folder / "node_modules"
    modules.mkdir()
    for package in MODULES.iterdir():
        (modules / package.name).symlink_to(package)
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


def compile_strictly(folder: Path, *files: str) -> str:
    """Return what the compiler prints: nothing if all is well."""
    return run("tsc", *STRICT, "--module", "nodenext", *files, cwd=folder).stdout
