"""Candidates of a close search: conditions that are only equalities, which indexes answer on a list of any size."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

from essearch.address import house_number
from essearch.folding import fold
from essearch.keys import KEY_LETTERS, name_key_values, name_parts, street_key
from essearch.matching import is_special
from essearch.misspelling import keys_without_a_slip
from essearch.nicknames import nicknames_of

MAX_NICKNAMES = 8
MAX_PARTS = 4
WHOLE_HOUSE_NUMBER = re.compile(r"\W*[0-9]+[^0-9]")


class Condition(NamedTuple):
    """A column has one of some values."""

    column: str
    values: tuple[str | int, ...]


# Any of its conditions holds.
type Group = Sequence[Condition]
# All of its groups hold.
type Clause = Sequence[Group]
# Any of its clauses holds.
type Plan = Sequence[Clause]


@dataclass(frozen=True)
class Plans:
    """The candidates of a search, in two plans.

    Attributes:
        first: the persons who share enough with the criteria to be read at once.
        certain: the conditions that hold for everybody who meets all criteria.
        plan_second: see `second`.
    """

    first: Plan
    certain: frozenset[Condition]
    plan_second: Callable[[], Plan]

    @property
    def first_holds_all_exact(self) -> bool:
        """Whether the first plan, if no limit cuts it, holds everybody who meets all criteria."""
        return any(all(self.certain.intersection(group) for group in clause) for clause in self.first)

    @cached_property
    def second(self) -> Plan:
        """The persons who share less, to be read if the first plan finds nobody convincing."""
        return self.plan_second()


def plans_for(criteria: Mapping[str, str | int]) -> Plans:
    """The plans for criteria, which are keyed by their names on the wire."""
    last, first, address = (str(criteria.get(name, "")) for name in ("lastName", "firstName", "address"))
    names, last_starts, first_starts = _names(last, first), _last_starts(last, first), _first_starts(last, first)
    house, street = _equal("keyHouse", house_number(address)), _equal("keyStreet", street_key(address))
    zip_code, year = _equal("zip", criteria.get("zip", "")), _equal("birthYear", criteria.get("birthYear", ""))
    one_name, places = [*last_starts, *first_starts], [*house, *street, *zip_code, *year]
    certain_names = _certain_names(names, last_starts, first_starts, last, first)
    return Plans(
        _plan(
            [names, places] if places else [names],
            [house, [*one_name, *street, *zip_code, *year]],
            [street, [*one_name, *year]],
        ),
        frozenset([*certain_names, *_certain_house(house, address), *zip_code, *year]),
        lambda: _plan([[*names, *_names_with_a_slip(last, first)]], [year, one_name], [zip_code, last_starts]),
    )


def _plan(*clauses: Clause) -> Plan:
    """Leave out clauses with an empty group: its criterion was not given."""
    return [clause for clause in clauses if all(clause)]


def _equal(column: str, value: str | int) -> Group:
    """Return a condition for the value; none if it is empty or Directus would not take it literally."""
    return [Condition(column, (value,))] if value and not is_special(value) else []


def _names(last: str, first: str) -> Group:
    """Conditions on both names, in either order: each part of the last name with the first name and its nicknames."""
    lasts, firsts = _parts(last), _first_names(first)
    pairs = [*product(lasts, firsts), *product(_parts(first), lasts)]
    return [Condition(column, tuple(values)) for column, values in name_key_values(pairs).items()] if pairs else []


def _names_with_a_slip(last: str, first: str) -> Group:
    if not (_parts(last) and _parts(first)):
        return []
    keys = keys_without_a_slip(_parts(last)[0], _parts(first)[0])
    return [Condition(column, tuple(values)) for column, values in keys.items()]


def _last_starts(last: str, first: str) -> Group:
    """A condition on how the last name starts, also if the two names are swapped."""
    return [Condition("keyLast", _starts([*_parts(last), *_parts(first)]))] if _parts(last) else []


def _first_starts(last: str, first: str) -> Group:
    return [Condition("keyFirst", _starts([*_first_names(first), *_parts(last)]))] if _parts(first) else []


def _parts(name: str) -> Sequence[str]:
    return name_parts(name)[:MAX_PARTS]


def _first_names(name: str) -> Sequence[str]:
    nicknames = [nickname for part in _parts(name) for nickname in nicknames_of(part)[:MAX_NICKNAMES]]
    return list(dict.fromkeys([*_parts(name), *nicknames[:MAX_NICKNAMES]]))


def _starts(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name[:KEY_LETTERS] for name in names))


def _certain_names(names: Group, last_starts: Group, first_starts: Group, last: str, first: str) -> Group:
    """Return the conditions that every matching name meets: those on names typed to the length of a key or more."""
    last_is_certain, first_is_certain = _is_as_long_as_key(last), _is_as_long_as_key(first)
    return [
        *(names if last_is_certain and first_is_certain else ()),
        *(last_starts if last_is_certain else ()),
        *(first_starts if first_is_certain else ()),
    ]


def _is_as_long_as_key(name: str) -> bool:
    return bool(_parts(name)) and len(_parts(name)[0]) >= KEY_LETTERS


def _certain_house(house: Group, address: str) -> Group:
    """Return the condition on the house number if it is whole: `12` may be the start of `123 Main St`."""
    return house if WHOLE_HOUSE_NUMBER.match(fold(address)) else []
