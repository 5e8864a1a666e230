"""Five thousand made-up registered voters, in the shape of a US county's voter file.

Nobody here exists: see `names`. Telephone numbers are of the range 555-0100 to 555-0199, which is kept for fiction.
"""

import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

from local.demo import names

COUNT = 5000
SEED = 20260101
TODAY = date(2026, 1, 1)  # fixed, because the data must not change with the day
AGES = range(18, 98)
GENERATION = 28  # years
HOUSEHOLD_SIZES = (1, 1, 1, 2, 2, 2, 3, 4)
SAME_SURNAME = 0.8  # share of a household
NAMESAKES = 0.05  # share of voters with a namesake parent on the list, of those young enough to have one


@dataclass(frozen=True)
class Home:
    """An address and the areas that it lies in."""

    address: str
    city: str
    state: str
    zip: str
    county: str
    precinct: str


@dataclass(frozen=True)
class Voter:
    """One registration. What a voter does not have is None. `registration_date` is an ISO date."""

    voter_id: str
    first_name: str
    middle_name: str | None
    last_name: str
    suffix: str | None
    gender: str
    birth_year: int
    address: str
    city: str
    state: str
    zip: str
    county: str
    precinct: str
    party: str
    status: str
    registration_date: str
    phone: str | None

    def item(self) -> dict[str, str | int | None]:
        """Return the voter under the names of the collection's fields."""
        return {camel(name): value for name, value in asdict(self).items()}


def voters(count: int = COUNT) -> list[Voter]:
    """Return the first `count` voters, the same on every machine, each with an id of their own."""
    chance = random.Random(SEED)  # noqa: S311 - made-up data that must come out the same every time
    by_id: dict[str, Voter] = {}
    for voter in _electorate(chance):
        by_id.setdefault(voter.voter_id, voter)
        if len(by_id) == count:
            break
    return list(by_id.values())


def camel(name: str) -> str:
    """Return a name in camel case: `birthYear` for `birth_year`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _electorate(chance: random.Random) -> Iterator[Voter]:
    while True:
        home, surname = _home(chance), chance.choice(names.SURNAMES)
        for _ in range(chance.choice(HOUSEHOLD_SIZES)):
            own = surname if chance.random() < SAME_SURNAME else chance.choice(names.SURNAMES)
            yield from _with_namesake(chance, _voter(chance, home, own))


def _with_namesake(chance: random.Random, voter: Voter) -> Iterator[Voter]:
    born = voter.birth_year - GENERATION
    if chance.random() > NAMESAKES or TODAY.year - born not in AGES:
        yield voter
        return
    yield replace(voter, suffix="Jr")
    yield replace(voter, suffix="Sr", voter_id=_voter_id(chance), birth_year=born)


def _home(chance: random.Random) -> Home:
    city, county, zip_code = chance.choice(names.PLACES)
    street = f"{chance.choice(names.DIRECTIONS)}{chance.choice(names.STREETS)} {chance.choice(names.STREET_TYPES)}"
    unit = chance.choice(("", "", "", f" Apt {chance.randint(1, 40)}", f" Unit {chance.choice('ABCD')}"))
    precinct = f"{zip_code[-2:]}-{chance.randint(1, 24):02}"
    return Home(f"{chance.randint(1, 9999)} {street}{unit}", city, names.STATE, zip_code, county, precinct)


def _voter(chance: random.Random, home: Home, surname: str) -> Voter:
    gender, given = chance.choice((("F", names.FEMALE), ("M", names.MALE)))
    age = chance.choice(AGES)
    return Voter(
        voter_id=_voter_id(chance),
        first_name=chance.choice(given),
        middle_name=chance.choice((None, *"ABCDEFGHJKLMRST", *chance.sample(given, 20))),
        last_name=surname,
        suffix=None,
        gender=gender,
        birth_year=TODAY.year - age,
        party=chance.choices(names.PARTIES, names.PARTY_SHARES)[0],
        status=chance.choices(("Active", "Inactive"), (93, 7))[0],
        registration_date=_registration_date(chance, age).isoformat(),
        phone=chance.choice((None, f"541-555-01{chance.randint(0, 99):02}")),
        **asdict(home),
    )


def _registration_date(chance: random.Random, age: int) -> date:
    return TODAY - timedelta(days=chance.randint(0, (age - AGES.start) * 365))


def _voter_id(chance: random.Random) -> str:
    return str(chance.randint(10_000_000, 99_999_999))
