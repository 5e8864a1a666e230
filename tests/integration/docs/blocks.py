"""The code blocks of the documentation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.state import ROOT

# Also where it belongs to an item of a list.
BLOCK = re.compile(r"^ *```(\S*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"\A(?://|--) ([\w./\[\]-]+)\n")
PAGES = [*sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("*.md"))]


@dataclass(frozen=True)
class Block:
    """A block, the page that it stands on, and the line."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def file(self) -> str | None:
        """The name that its first line gives it."""
        found = FILE.match(self.text)
        return found[1] if found else None

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(*languages: str) -> Iterator[Block]:
    """Every block in these languages, or in all, in the order of the pages."""
    for page in PAGES:
        text = page.read_text()
        for found in BLOCK.finditer(text):
            if not languages or found[1] in languages:
                yield Block(page, text.count("\n", 0, found.start()) + 1, found[1], found[2])
