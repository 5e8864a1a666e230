"""Typing with slips: a voter on the list in, the search that is typed out."""

import random
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from bench.quality import names, slips, streets
from bench.quality.population import Voter
from essearch.folding import fold
from essearch.keys import SEPARATORS, letters
from essearch.nicknames import nicknames_of

type Typed = dict[str, str | int]

UNIT = re.compile(r",? (?:Apt|Unit|#).*$")
LARGEST_HOUSE_NUMBER = 9999
MOST_YEARS_OFF = 20
TRIES = 200
SHORTEST_PART = 3
MOST_OFTEN = 0.9


@dataclass(frozen=True)
class Rates:
    """How often each kind of slip happens, to a field that it can happen to.

    Attributes:
        second_slip: in a word that has one.
        half: of a double name.
        maiden: another last name altogether.
        middle: the middle name in the first one's place.
        wrong: of a part of the address, and of the year: something else altogether.
        plain: without capitals and accents.
    """

    nickname: float = 0.10
    first_name: float = 0.12
    initial: float = 0.01
    last_name: float = 0.14
    second_slip: float = 0.15
    half: float = 0.5
    swapped: float = 0.03
    maiden: float = 0.015
    middle: float = 0.015
    moved: float = 0.04
    wrong: float = 0.01
    house: float = 0.05
    street: float = 0.10
    unit: float = 0.6
    street_type: float = 0.3
    direction: float = 0.2
    zip_code: float = 0.05
    next_year: float = 0.03
    year_digit: float = 0.03
    city: float = 0.08
    plain: float = 0.7

    def times(self, factor: float) -> "Rates":
        """The same rates, so many times higher."""
        return Rates(**{name: min(MOST_OFTEN, rate * factor) for name, rate in asdict(self).items()})


@dataclass(frozen=True)
class Clipboard:
    """A signer's handwriting, and a clerk's reading of it."""

    rates: Rates
    chance: random.Random
    others: Sequence[Voter]

    def fill_in(self, voter: Voter) -> Typed:
        """What is typed for a voter: everything on the sheet."""
        last, first = self._last_name(voter), self._first_name(voter)
        if self._happens(self.rates.swapped):
            last, first = first, last
        home = self._new_home(voter) if self._happens(self.rates.moved) else voter
        typed = {
            "firstName": first,
            "lastName": last,
            "address": self._address(self._or_another(home).address),
            "city": self._misspell(home.city, self.rates.city),
            "zip": self._digits(self._or_another(home).zip, self.rates.zip_code),
        }
        if self._happens(self.rates.plain):
            typed = {name: fold(text) for name, text in typed.items()}
        return {**typed, "state": voter.state, "birthYear": self._year(voter.birth_year)}

    def _happens(self, rate: float) -> bool:
        return self.chance.random() < rate

    def _first_name(self, voter: Voter) -> str:
        first = voter.middle_name if voter.middle_name and self._happens(self.rates.middle) else voter.first_name
        nicknames = nicknames_of(letters(first))
        if nicknames and self._happens(self.rates.nickname):
            first = self.chance.choice(nicknames).capitalize()
        first = self._misspell(first, self.rates.first_name)
        return first[:1] if self._happens(self.rates.initial) else first

    def _last_name(self, voter: Voter) -> str:
        last = names.surname(self.chance) if self._happens(self.rates.maiden) else voter.last_name
        parts = [part for part in SEPARATORS.split(last) if len(part) >= SHORTEST_PART]
        if len(parts) > 1 and self._happens(self.rates.half):
            last = self.chance.choice(parts)
        return self._misspell(last, self.rates.last_name)

    def _misspell(self, text: str, rate: float) -> str:
        if not self._happens(rate):
            return text
        text = slips.slip(text, self.chance)
        return slips.slip(text, self.chance) if self._happens(self.rates.second_slip) else text

    def _digits(self, digits: str, rate: float) -> str:
        return slips.slip_of_digits(digits, self.chance) if self._happens(rate) else digits

    def _or_another(self, voter: Voter) -> Voter:
        return self.chance.choice(self.others) if self._happens(self.rates.wrong) else voter

    def _new_home(self, voter: Voter) -> Voter:
        """Most people move within their state."""
        for _ in range(TRIES):
            other = self.chance.choice(self.others)
            if other.state == voter.state:
                return other
        return voter

    def _address(self, address: str) -> str:
        unit = UNIT.search(address)
        house, *words = UNIT.sub("", address).split()
        if self._happens(self.rates.wrong):
            house = str(self.chance.randint(1, LARGEST_HOUSE_NUMBER))
        house = self._digits(house, self.rates.house)
        kept_unit = unit.group(0) if unit and not self._happens(self.rates.unit) else ""
        return " ".join([house, *self._street(words)]) + kept_unit

    def _street(self, words: list[str]) -> list[str]:
        if len(words) > 1 and words[0] in streets.DIRECTIONS and self._happens(self.rates.direction):
            words = words[1:]
        if len(words) > 1 and self._happens(self.rates.street_type):
            *name, kind = words
            words = [*name, *self.chance.choice(([streets.WRITTEN_OUT.get(kind, kind)], [f"{kind}."], []))]
        longest = max(range(len(words)), key=lambda at: len(words[at]))
        words[longest] = self._misspell(words[longest], self.rates.street)
        return words

    def _year(self, year: int) -> int:
        if self._happens(self.rates.next_year):
            return year + self.chance.choice((-1, 1))
        if self._happens(self.rates.wrong):
            return year + self.chance.randint(-MOST_YEARS_OFF, MOST_YEARS_OFF)
        if self._happens(self.rates.year_digit):
            century, rest = divmod(year, 100)
            return century * 100 + int(slips.slip_of_digits(f"{rest:02}", self.chance))
        return year
