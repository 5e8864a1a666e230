"""How much a person on the list is like what was typed: one level for each field.

The levels make what Fellegi and Sunter call a comparison vector: https://doi.org/10.1080/01621459.1969.10501049
"""

from collections.abc import Mapping
from functools import lru_cache
from itertools import product
from typing import Literal, NamedTuple

from jellyfish import damerau_levenshtein_distance as count_edits
from jellyfish import jaro_winkler_similarity as similarity

from essearch.address import house_number, street_name
from essearch.keys import name_parts, sound
from essearch.nicknames import nicknames_of

type Level = Literal[
    "same", "half", "nickname", "initial", "short", "very near", "near", "a little", "off by one", "other", "unknown"
]
type Criteria = Mapping[str, str | int]

VERY_NEAR, NEAR, A_LITTLE = 0.94, 0.88, 0.78
# A slip in three letters may make another name: Lee and Les.
LONG_ENOUGH = 4
TWO_SLIPS_FROM = 6
ZIP_DIGITS = 5  # of a longer code, too


class Vector(NamedTuple):
    """The level of each field; `order` tells whether the names agree as they stand."""

    order: Literal["typed", "swapped"]
    lastName: Level  # noqa: N815 - as on the wire
    firstName: Level  # noqa: N815
    house: Level
    street: Level
    zip: Level
    birthYear: Level  # noqa: N815


def compare(criteria: Criteria, person: Mapping[str, object]) -> list[Vector]:
    """The vectors of a person for criteria, both keyed by the names on the wire: names as typed, and swapped."""
    last, first = _text(criteria, "lastName"), _text(criteria, "firstName")
    other_last, other_first = _text(person, "lastName"), _text(person, "firstName")
    places = (
        compare_house(house_number(_text(criteria, "address")), house_number(_text(person, "address"))),
        compare_street(street_name(_text(criteria, "address")), street_name(_text(person, "address"))),
        compare_zip(_text(criteria, "zip"), _text(person, "zip")),
        compare_year(_text(criteria, "birthYear"), _text(person, "birthYear")),
    )
    vectors = [Vector("typed", compare_last(last, other_last), compare_first(first, other_first), *places)]
    if last and first:
        vectors.append(Vector("swapped", compare_last(first, other_last), compare_first(last, other_first), *places))
    return vectors


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    return "" if value is None else str(value)


def compare_last(typed: str, listed: str) -> Level:
    """The level of a last name."""
    return _compare_names(name_parts(typed), name_parts(listed))


def compare_first(typed: str, listed: str) -> Level:
    """The level of a first name, which may also be a nickname or an initial."""
    one, other = name_parts(typed), name_parts(listed)
    if not one or not other:
        return "unknown"
    level = _compare_names(one, other)
    if level in ("same", "half"):
        return level
    if 1 in (len(one[0]), len(other[0])) and one[0][0] == other[0][0]:
        return "initial"
    if level != "short" and _are_nicknames(one, other):
        return "nickname"
    return level


def _are_nicknames(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return any(b in nicknames_of(a) for a, b in product(one, other))


@lru_cache(maxsize=8192)
def _compare_names(typed: tuple[str, ...], listed: tuple[str, ...]) -> Level:
    if not typed or not listed:
        return "unknown"
    whole = _compare_words(typed[0], listed[0])
    if len(typed) == len(listed) == 1 or whole == "same":
        return whole
    return min(whole, _compare_parts(typed, listed), key=ORDER.index)


def _compare_parts(typed: tuple[str, ...], listed: tuple[str, ...]) -> Level:
    """The level of the two parts that agree best: half if they are the same, less if they are near."""
    best = min((_compare_words(*pair) for pair in product(typed, listed)), key=ORDER.index)
    return BY_PARTS.get(best, "other")


ORDER: tuple[Level, ...] = ("same", "half", "short", "very near", "near", "a little", "other")
BY_PARTS: Mapping[Level, Level] = {"same": "half", "short": "near", "very near": "near", "near": "a little"}


def _compare_words(typed: str, listed: str) -> Level:
    if typed == listed:
        return "same"
    if listed.startswith(typed) and len(typed) > 1:
        return "short"
    edits, alike, longest = count_edits(typed, listed), similarity(typed, listed), max(len(typed), len(listed))
    if (edits == 1 and longest >= LONG_ENOUGH) or alike >= VERY_NEAR:
        return "very near"
    if edits == 1 or (edits == 2 and longest >= TWO_SLIPS_FROM) or alike >= NEAR or sound(typed) == sound(listed):  # noqa: PLR2004
        return "near"
    return "a little" if alike >= A_LITTLE else "other"


@lru_cache(maxsize=8192)
def compare_street(typed: str, listed: str) -> Level:
    """The level of a street's name."""
    if not typed or not listed:
        return "unknown"
    return _compare_words(typed.replace(" ", ""), listed.replace(" ", ""))


def compare_house(typed: str, listed: str) -> Level:
    """The level of a house number."""
    return _compare_digits(typed, listed)


def compare_zip(typed: str, listed: str) -> Level:
    """The level of a ZIP code."""
    return _compare_digits(typed[:ZIP_DIGITS], listed[:ZIP_DIGITS])


def compare_year(typed: str, listed: str) -> Level:
    """The level of a year of birth."""
    level = _compare_digits(typed, listed)
    is_next = typed.isdigit() and listed.isdigit() and abs(int(typed) - int(listed)) == 1
    return "off by one" if is_next else level


def _compare_digits(typed: str, listed: str) -> Level:
    if not typed or not listed:
        return "unknown"
    if typed == listed:
        return "same"
    return "near" if count_edits(typed, listed) == 1 else "other"
