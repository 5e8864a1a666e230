"""What a search finds."""

from collections.abc import Sequence
from typing import NamedTuple

from essearch.matching import Person


class Found(NamedTuple):
    """The persons of one page, and how many meet the criteria in all."""

    persons: Sequence[Person]
    total: int


class Close(NamedTuple):
    """A person who may be meant, and how likely that is."""

    person: Person
    score: float


class FoundClose(NamedTuple):
    """The exact persons of one page, and the close ones after them."""

    exact: Found
    close: Sequence[Close] = ()
