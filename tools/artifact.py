"""Making a folder of packages fit for Lambda: lean, compiled, and the same bytes each time."""

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
# Of a distribution's own description, its licence stays, and METADATA, from which scanners tell what is installed.
UNUSED_RECORDS: Final = ("RECORD", "INSTALLER", "REQUESTED", "WHEEL", "direct_url.json", "top_level.txt", "sboms")


class BuildError(Exception):
    """Why a build cannot be made, in a sentence for a person."""


def finish(folder: Path, mounted_at: str) -> None:
    """Strip, compile and date a folder of packages.

    Args:
        folder: what Lambda will find at `mounted_at`.
        mounted_at: its path on Lambda, which tracebacks then show.

    Raises:
        BuildError: this Python's bytecode is not what Lambda's Python reads.
    """
    if sys.version_info[:2] != PYTHON:
        raise BuildError("The build needs Python 3.13, whose bytecode Lambda's Python 3.13 reads.")
    _strip(folder)
    _compile(folder, mounted_at)
    _level(folder)


def _strip(folder: Path) -> None:
    for pattern in UNUSED_FOLDERS:
        for found in [*folder.rglob(pattern)]:
            shutil.rmtree(found, ignore_errors=True)
    for pattern in (*UNUSED_FILES, *(f"*.dist-info/{name}" for name in UNUSED_RECORDS)):
        for found in [*folder.rglob(pattern)]:
            shutil.rmtree(found) if found.is_dir() else found.unlink()


def _compile(folder: Path, mounted_at: str) -> None:
    """Bytecode that is used as it is: a zip changes mtimes, and on Lambda the folder is read-only.

    Bytecode does not depend on the architecture. A fixed hash seed, as the order of a set's constants follows from it.
    """
    subprocess.run(  # noqa: S603 - the arguments are this file's own
        [
            *(sys.executable, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"),
            *("-s", str(folder), "-p", mounted_at, str(folder)),
        ],
        env=os.environ | {"PYTHONHASHSEED": "0"},
        check=True,
    )


def _level(folder: Path) -> None:
    """One date and one set of permissions, whoever builds and when."""
    for found in [folder, *folder.rglob("*")]:
        date(found)


def date(path: Path) -> None:
    """Give a file or folder the date and the permissions that all have."""
    path.chmod(0o755 if path.is_dir() else 0o644)
    os.utime(path, (EPOCH, EPOCH))
