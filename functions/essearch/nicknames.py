"""The names that one person goes by: Robert on the list, Bob on the clipboard."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("nicknames.txt")


def nicknames_of(name: str) -> Sequence[str]:
    """Other names that a person of this name may go by, the most frequent first; lower-case letters."""
    return _nicknames().get(name, ())


@cache
def _nicknames() -> Mapping[str, Sequence[str]]:
    lines = (line for line in FILE.read_text().splitlines() if not line.startswith("#"))
    return {name: others.split() for name, others in (line.split(":") for line in lines)}
