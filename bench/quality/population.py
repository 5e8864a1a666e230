"""Made-up voters in two shapes: of the whole country, and of the demo's county.

Nobody here exists. Names are drawn by their frequency in a census; cities and ZIP codes are real ones.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from itertools import islice
from typing import Final

import zipcodes

from bench.quality import names, streets
from local.demo.voters import camel, voters


@dataclass(frozen=True, slots=True)
class Voter:
    """One person on a list."""

    voter_id: str
    first_name: str
    middle_name: str | None
    last_name: str
    address: str
    city: str
    state: str
    zip: str
    county: str
    birth_year: int

    def item(self) -> dict[str, str | int | None]:
        """The voter under the names that the collection's fields have."""
        return {camel(each.name): getattr(self, each.name) for each in fields(self)}


BORN: Final = (1928, 2007)
HOUSEHOLD_SIZES = (1, 1, 1, 2, 2, 2, 3, 4)
# Shares: of those who bear their household's name, of those whose own name goes with it, of two first names, of houses
# without flats, of streets with a direction.
SAME_SURNAME, DOUBLE_NAME, SECOND_FIRST_NAME, HOUSES, WITH_DIRECTION = 0.75, 0.12, 0.015, 0.75, 0.25
MIDDLE_INITIALS = "ABCDEFGHJKLMRST"
STREETS_OF_A_ZIP_CODE = 60
MOST_FLATS, LARGEST_FLAT, LARGEST_NUMBERED_STREET = 6, 60, 60
# How streets are called: common names, numbers, names of several words, names of people.
STREET_SHARES = (45, 15, 5, 35)
# House numbers from 10 to 16,000, small ones more often.
HOUSE_NUMBER_DIGITS = (1, 4.2)


def nationwide(count: int, seed: int) -> Sequence[Voter]:
    """Voters from all over the country."""
    chance = random.Random(seed)  # noqa: S311 - made-up data that must come out the same every time
    return list(islice(_country(chance), count))


def county(count: int, seed: int) -> Sequence[Voter]:
    """The first voters of the demo's county, whatever the seed: it chooses who is searched for, and with what slips."""
    del seed
    own = {each.name for each in fields(Voter)}
    return [Voter(**{name: value for name, value in asdict(each).items() if name in own}) for each in voters(count)]


def _country(chance: random.Random) -> Iterator[Voter]:
    number = 0
    while True:
        place = _place(chance)
        for address in _addresses(chance, place["zip_code"]):
            surname = names.surname(chance)
            for _ in range(chance.choice(HOUSEHOLD_SIZES)):
                yield _voter(chance, f"{number:08}", surname, address, place)
                number += 1


def _voter(chance: random.Random, voter_id: str, surname: str, address: str, place: Mapping[str, str]) -> Voter:
    first = names.given_name(chance)
    if chance.random() < SECOND_FIRST_NAME:
        first += chance.choice((" ", "-")) + names.given_name(chance)
    return Voter(
        voter_id,
        first,
        chance.choice((None, chance.choice(MIDDLE_INITIALS), names.given_name(chance))),
        _last_name(chance, surname),
        address,
        place["city"],
        place["state"],
        place["zip_code"],
        place["county"],
        chance.randint(*BORN),
    )


def _last_name(chance: random.Random, surname: str) -> str:
    if chance.random() < SAME_SURNAME:
        return surname
    own = names.surname(chance)
    return chance.choice(("-", " ")).join((own, surname)) if chance.random() < DOUBLE_NAME else own


@cache
def _zip_codes() -> Sequence[Mapping[str, str]]:
    everything: list[dict[str, str]] = zipcodes.list_all()  # type: ignore[no-untyped-call]
    standard = (each for each in everything if each["zip_code_type"] == "STANDARD")
    return sorted(standard, key=lambda each: each["zip_code"])


def _place(chance: random.Random) -> Mapping[str, str]:
    """A few ZIP codes have many voters and many have few."""
    order = random.Random(int(chance.random() ** 2 * len(_zip_codes())))  # noqa: S311
    return order.choice(_zip_codes())


def _addresses(chance: random.Random, zip_code: str) -> Iterator[str]:
    """A house, or some flats of one."""
    street = _street(random.Random(f"{zip_code} {chance.randrange(STREETS_OF_A_ZIP_CODE)}"))  # noqa: S311
    house = f"{int(10 ** chance.uniform(*HOUSE_NUMBER_DIGITS))} {street}"
    if chance.random() < HOUSES:
        yield house
        return
    label = chance.choice(("Apt ", "Unit ", "#"))
    for _ in range(chance.randint(1, MOST_FLATS)):
        yield f"{house} {label}{chance.randint(1, LARGEST_FLAT)}"


def _street(chance: random.Random) -> str:
    kinds = (
        chance.choice(streets.COMMON),
        streets.ordinal(chance.randint(1, LARGEST_NUMBERED_STREET)),
        chance.choice(streets.LONG),
        names.surname(chance),
    )
    name = chance.choices(kinds, STREET_SHARES)[0]
    direction = f"{chance.choice(streets.DIRECTIONS)} " if chance.random() < WITH_DIRECTION else ""
    return f"{direction}{name} {chance.choice(streets.TYPES)}"
