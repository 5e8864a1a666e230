"""What is measured: the layer and the functions as `make build` makes them, the floors, and the peer with its packages.

Everything is stripped and compiled in the same way, and made read-only, so no variant gains from its build.
"""

import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from io import BytesIO
from pathlib import Path
from typing import Final

from tools import build_function, build_layer
from tools.artifact import ROOT, finish

FOLDER: Final = ROOT / "build" / "bench" / "artefacts"
FEATURES: Final = ("essearch", "duplicate", "charts", "permissions")
ARCHITECTURES: Final = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
UV: Final = ROOT / ".venv/bin/uv"
FLOOR_PACKAGES: Final = ("httpx", "idna")
# Lambda brings it along, outside the layer.
RUNTIME: Final = ("awslambdaric", "simplejson", "snapshot-restore-py")
BOTO3: Final = ("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3")


@dataclass(frozen=True)
class Artefacts:
    """Folders, each for PYTHONPATH; `python` is an interpreter that sees no other package."""

    python: Path
    layer: Path
    floors: Path
    peer: Path
    runtime: Path
    inside: Path
    functions: Path
    boto3: Path
    boto3_sources: Path


@dataclass(frozen=True)
class Size:
    """Bytes of a folder, as its files are and in a zip."""

    unpacked: int
    zipped: int


def build() -> Artefacts:
    """Build everything anew."""
    if FOLDER.exists():
        _make_writable(FOLDER)
        shutil.rmtree(FOLDER)
    architecture = ARCHITECTURES[platform.machine()]
    build_layer.build(architecture, FOLDER / "layer")
    for feature in FEATURES:
        build_function.build(feature, FOLDER / "functions" / feature)
    _install_peer()
    _install_runtime()
    _install_boto3()
    _install_floors()
    for package in ("floors", "peers", "inside"):
        _copy_own_code(package)
    _run(sys.executable, "-m", "venv", "--without-pip", FOLDER / "python")
    artefacts = Artefacts(
        python=FOLDER / "python/bin/python",
        layer=FOLDER / "layer/python",
        floors=FOLDER / "floors",
        peer=FOLDER / "peer",
        runtime=FOLDER / "runtime",
        inside=FOLDER / "inside",
        functions=FOLDER / "functions",
        boto3=FOLDER / "boto3",
        boto3_sources=FOLDER / "boto3_sources",
    )
    _make_read_only(FOLDER)
    return artefacts


def size_of(folder: Path) -> Size:
    """The size on Lambda of a layer made of this folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(folder))
    return Size(sum(path.stat().st_size for path in files), len(packed.getvalue()))


def _install_peer() -> None:
    folder, requirements = FOLDER / "peer", ROOT / "requirements" / "bench.txt"
    options = ("--quiet", "--require-hashes", "--no-deps", "--no-compile", "--link-mode", "copy")
    _run(UV, "pip", "install", *options, "--python", sys.executable, "--target", folder, "--requirements", requirements)
    finish(folder, str(folder))


def _install_floors() -> None:
    """What the floors import and the layer does not hold, as the peer has it."""
    for package in FLOOR_PACKAGES:
        shutil.copytree(FOLDER / "peer" / package, FOLDER / "floors" / package)


def _install_runtime() -> None:
    """The runtime as it is installed for development, without anything else that is."""
    _copy_installed(RUNTIME, FOLDER / "runtime")
    finish(FOLDER / "runtime", str(FOLDER / "runtime"))


def _install_boto3() -> None:
    """boto3 as Lambda brings it along, outside the layer: once with bytecode and once without."""
    _copy_installed(BOTO3, FOLDER / "boto3_sources")
    shutil.copytree(FOLDER / "boto3_sources", FOLDER / "boto3")
    finish(FOLDER / "boto3", str(FOLDER / "boto3"))


def _copy_installed(names: Sequence[str], folder: Path) -> None:
    for file in (file for name in names for file in metadata.files(name) or []):
        if ".." not in file.parts and file.suffix != ".pyc":
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(file.locate()), folder / file)


def _copy_own_code(package: str) -> None:
    folder = FOLDER / ("peer" if package == "peers" else package)
    shutil.copytree(ROOT / "bench" / package, folder / package)
    finish(folder, str(folder))


def _make_read_only(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222)


def _make_writable(folder: Path) -> None:
    for path in [folder, *(found for found in folder.rglob("*") if found.is_dir())]:
        path.chmod(path.stat().st_mode | 0o200)


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True)  # noqa: S603 - the commands are this file's own
