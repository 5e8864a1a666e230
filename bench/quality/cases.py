"""Searches whose answer is known: a list of voters, and what is typed for some of them."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from bench.quality.clipboard import Clipboard, Rates
from bench.quality.list_in_memory import ListInMemory
from bench.quality.population import Voter
from essearch.columns import COLUMNS
from essearch.matching import Fields
from essearch.persons import Persons
from essearch.settings import PERSON_FIELDS

type Typed = Mapping[str, str | int]
type Half = Literal["dev", "test"]

# What of the sheet is typed.
FIELD_SETS: Mapping[str, Sequence[str]] = {
    "everything": ("firstName", "lastName", "address", "city", "state", "zip", "birthYear"),
    "name, address, ZIP code": ("firstName", "lastName", "address", "zip"),
    "name, address": ("firstName", "lastName", "address"),
    "name, ZIP code": ("firstName", "lastName", "zip"),
    "name, year": ("firstName", "lastName", "birthYear"),
    "name": ("firstName", "lastName"),
}
FIELDS = Fields({name: name for name in PERSON_FIELDS}, {column: column for column in COLUMNS})


@dataclass(frozen=True)
class Case:
    """What is typed, and who is meant."""

    typed: Typed
    voter_id: str


class VoterList:
    """A list of voters that can be searched, and searches with slips in it."""

    def __init__(self, make: Callable[[int, int], Sequence[Voter]], size: int, seed: int) -> None:
        """Make the list."""
        self.voters = make(size, seed)
        self.items = ListInMemory(voter.item() for voter in self.voters)
        self.persons = Persons(self.items, FIELDS)
        self._seed = seed

    def cases(self, count: int, rates: Rates, half: Half) -> Iterator[Case]:
        """So many searches for everything on the sheet, for voters of one half of the list."""
        chance = random.Random(f"{self._seed} {half} {rates}")  # noqa: S311 - it must come out the same every time
        clipboard = Clipboard(rates, chance, self.voters)
        while count:
            voter = chance.choice(self.voters)
            if half_of(voter.voter_id, self._seed) == half:
                yield Case(clipboard.fill_in(voter), voter.voter_id)
                count -= 1


def half_of(voter_id: str, seed: int) -> Half:
    """The half that a voter belongs to: weights are fitted on one and measured on the other."""
    return "dev" if sha256(f"{seed} {voter_id}".encode()).digest()[0] % 2 else "test"


def only(typed: Typed, fields: Sequence[str]) -> Typed:
    """Some fields of what is typed; a form leaves out the blank ones."""
    return {name: typed[name] for name in fields if typed[name] != ""}
