"""The output of functions: whole lines, none lost, in a file for each function."""

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from local.gateway.http import CHUNK


class Logs:
    """Writes each line of a function to its file, and hands it to a listener."""

    def __init__(self, folder: Path | None, listener: Callable[[str, str], None] | None) -> None:
        self._folder = folder
        self._listener = listener
        self._files: dict[str, TextIO] = {}

    def write(self, function: str, line: str) -> None:
        """Write one line, given without its end."""
        if self._folder:
            self._file(function, self._folder).write(line + "\n")
        if self._listener:
            self._listener(function, line)

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _file(self, function: str, folder: Path) -> TextIO:
        if function not in self._files:
            folder.mkdir(parents=True, exist_ok=True)
            self._files[function] = (folder / f"{function}.log").open("a", encoding="utf-8", buffering=1)
        return self._files[function]


async def pump(pipe: int, write: Callable[[str], None]) -> None:
    """Write each line that is read from a pipe, of any length, also a last one without a line break."""
    stream = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(pipe, "rb", 0))
    with contextlib.closing(transport):
        await _lines(stream, write)


async def _lines(stream: asyncio.StreamReader, write: Callable[[str], None]) -> None:
    rest = b""
    while chunk := await stream.read(CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            write(_text(line))
    if rest:
        write(_text(rest))


def _text(line: bytes) -> str:
    # The runtime separates the lines of a traceback with \r, so that it stays one log record.
    return line.decode(errors="replace").rstrip("\r").replace("\r", "\n")
