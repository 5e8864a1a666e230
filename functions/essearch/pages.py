"""The pages that a search finds."""

from collections.abc import Sequence
from typing import NamedTuple

from essearch.matching import Person


class PersonPage(NamedTuple):
    """One page of persons, and how many meet the criteria in all."""

    persons: Sequence[Person]
    total: int


class CloseMatch(NamedTuple):
    """A person whom a close search may mean, and how likely that is."""

    person: Person
    score: float


class CloseSearchPage(NamedTuple):
    """The exact persons of one page, and the close ones after them."""

    exact: PersonPage
    close: Sequence[CloseMatch] = ()
