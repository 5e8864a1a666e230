"""Prepare a folder of packages for Lambda: stripped, compiled, and the same bytes each time."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PYTHON: Final = (3, 13)
# The earliest moment that a zip can hold: 1980-01-01, UTC.
EPOCH: Final = 315_532_800

UNUSED_FOLDERS: Final = ("__pycache__", "bin", "tests")
UNUSED_FILES: Final = ("*.pyi", "*.pyx", "*.pxd", "*.c", "*.h", ".lock")
# A distribution keeps its licence, and METADATA, from which scanners tell what is installed.
UNUSED_RECORDS: Final = ("RECORD", "INSTALLER", "REQUESTED", "WHEEL", "direct_url.json", "top_level.txt", "sboms")


class BuildError(Exception):
    """Why a build cannot be made, in a sentence for a person."""


def finish(folder: Path, mounted_at: str) -> None:
    """Strip, compile and date a folder of packages.

    Args:
        folder: the folder that Lambda mounts at `mounted_at`.
        mounted_at: its path on Lambda, which tracebacks show.

    Raises:
        BuildError: this Python's bytecode is not what Lambda's Python reads.
    """
    if sys.version_info[:2] != PYTHON:
        raise BuildError("The build needs Python 3.13, whose bytecode Lambda's Python 3.13 reads.")
    _strip(folder)
    _compile(folder, mounted_at)
    _normalise(folder)


def _strip(folder: Path) -> None:
    for pattern in UNUSED_FOLDERS:
        for found in [*folder.rglob(pattern)]:
            shutil.rmtree(found, ignore_errors=True)
    for pattern in (*UNUSED_FILES, *(f"*.dist-info/{name}" for name in UNUSED_RECORDS)):
        for found in [*folder.rglob(pattern)]:
            shutil.rmtree(found) if found.is_dir() else found.unlink()


def _compile(folder: Path, mounted_at: str) -> None:
    """Compile bytecode that Python uses unchecked: a zip changes mtimes, and Lambda's folder is read-only.

    Bytecode does not depend on the architecture. A set's constants are ordered by the hash seed, which is fixed here.
    """
    subprocess.run(  # noqa: S603 - the arguments are this file's own
        [
            *(sys.executable, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"),
            *("-s", str(folder), "-p", mounted_at, str(folder)),
        ],
        env=os.environ | {"PYTHONHASHSEED": "0"},
        check=True,
    )


def _normalise(folder: Path) -> None:
    """Give all files the same date and permissions, whoever builds and when."""
    for found in [folder, *folder.rglob("*")]:
        date(found)


def date(path: Path) -> None:
    """Set the date and the permissions that every file or folder gets."""
    path.chmod(0o755 if path.is_dir() else 0o644)
    os.utime(path, (EPOCH, EPOCH))
