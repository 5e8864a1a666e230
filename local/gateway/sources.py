"""The state of a function's sources. Every request asks for it, so it has to be quick: about 5 us a file."""

import os
from collections.abc import Iterable
from pathlib import Path


def state(folders: Iterable[Path]) -> int:
    """Return a number that changes with the names and the times of the files in the folders, except bytecode."""
    found: list[tuple[str, int]] = []
    for folder in folders:
        _collect(str(folder), found)
    return hash(tuple(found))


def _collect(folder: str, found: list[tuple[str, int]]) -> None:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name == "__pycache__" or entry.name.startswith("."):
                    continue
                if entry.is_dir():
                    _collect(entry.path, found)
                else:
                    found.append((entry.path, entry.stat().st_mtime_ns))
    except FileNotFoundError:
        found.append((folder, 0))  # an editor replaces a file while we look: the next request looks again
