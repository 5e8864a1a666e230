"""Whether a function's sources have changed."""

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def state(folders: Iterable[Path]) -> int:
    """A number that changes when a file in the folders is written, added, renamed or removed; bytecode aside."""
    return hash(tuple(entry for folder in folders for entry in _files(str(folder))))


def _files(folder: str) -> Iterator[tuple[str, int]]:
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name == "__pycache__" or entry.name.startswith("."):
                continue
            if entry.is_dir():
                yield from _files(entry.path)
            else:
                yield from _file(entry)


def _file(entry: os.DirEntry[str]) -> Iterator[tuple[str, int]]:
    with contextlib.suppress(FileNotFoundError):  # an editor replaces a file while we look
        yield entry.path, entry.stat().st_mtime_ns
