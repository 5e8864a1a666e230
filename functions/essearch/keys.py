"""The values of the derived columns: short keys that a voter and a misspelt search for that voter share.

They are compared for equality alone, which every index serves. A slip in a name spoils some of its keys and leaves the
others: the start of both names, the end of the last name and the sound of the first, the sound of the last name and the
end of the first.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import groupby

from essearch.address import house_number, street_name
from essearch.columns import FOLDED
from essearch.folding import fold, words

KEY_LETTERS = 3
SOUND_LETTERS = 4
STREET_LETTERS = 4
# Directus turns the texts `true` and `null` into values of other types. With this prefix, no key is one of them.
STREET_PREFIX = "s"

PARTICLES = words(
    "al ap bin da das de del della den der di do dos du el la las le les lo los mac mc san st ten ter van vander von y"
)
SUFFIXES = words("jr sr ii iii iv esq md phd")
SEPARATORS = re.compile(r"[\s\-,./]+")
NOT_WORD = re.compile(r"[\W_]+")
NOT_LETTERS = re.compile(r"[\W\d_]+")
SILENT = re.compile(r"[aeiouyh]+")
DIGRAPHS = (("ph", "f"), ("gh", "g"), ("kn", "n"), ("wr", "r"), ("sch", "s"), ("tch", "c"), ("ck", "k"), ("dg", "g"))
SOUNDS = str.maketrans("pbfvwtdkcgqjsxzmnrl", "ppfffttkkkkksssnnrr")


def columns_of(person: Mapping[str, object]) -> dict[str, str]:
    """Every derived column of a person who is keyed by the names on the wire.

    A missing value gives an empty text, so that NULL means a column that was never filled.
    """
    texts = {name: str(value) for name, value in person.items() if value is not None}
    folded = {column: fold(texts.get(name, "")) for column, name in FOLDED.items()}
    last, first, address = (texts.get(name, "") for name in ("lastName", "firstName", "address"))
    return folded | name_keys(last, first) | place_keys(address)


def name_keys(last: str, first: str) -> dict[str, str]:
    """The keys of a person's names, as they are written."""
    whole_last, whole_first, bare_last = letters(last), letters(first), letters(without_suffix(last))
    return {
        "keyNames": start_key(whole_last, whole_first),
        "keySounds": sound_key(bare_last, whole_first),
        "keyEnds": end_key(bare_last, whole_first),
        "keyLast": whole_last[:KEY_LETTERS],
        "keyFirst": whole_first[:KEY_LETTERS],
    }


def name_key_values(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The three name keys of each pair of a last and a first name, given as `letters` makes them."""
    pairs = list(pairs)
    return {
        "keyNames": list(dict.fromkeys(start_key(*pair) for pair in pairs)),
        "keySounds": list(dict.fromkeys(sound_key(*pair) for pair in pairs)),
        "keyEnds": list(dict.fromkeys(end_key(*pair) for pair in pairs)),
    }


def start_key(last: str, first: str) -> str:
    """How both names start. The names come as `letters` makes them."""
    return f"{last[:KEY_LETTERS]} {first[:KEY_LETTERS]}"


def sound_key(last: str, first: str) -> str:
    """How the last name ends and the first one sounds."""
    return f"{last[-KEY_LETTERS:]} {sound(first)}"


def end_key(last: str, first: str) -> str:
    """How the last name sounds and the first one ends."""
    return f"{sound(last)} {first[-KEY_LETTERS:]}"


def place_keys(address: str) -> dict[str, str]:
    """The keys of an address; an empty text for a part that it lacks."""
    return {"keyHouse": house_number(address), "keyStreet": street_key(address)}


def street_key(address: str) -> str:
    """The first letters of the street's name."""
    name = NOT_WORD.sub("", street_name(address))
    return STREET_PREFIX + name[:STREET_LETTERS] if name else ""


def letters(name: str) -> str:
    """The folded letters of a name, without anything between them."""
    return NOT_LETTERS.sub("", fold(name))


def without_suffix(name: str) -> str:
    """A folded last name without suffixes such as Jr and III."""
    parts = SEPARATORS.split(fold(name).strip(".,"))
    while len(parts) > 1 and parts[-1] in SUFFIXES:
        parts.pop()
    return " ".join(parts)


@lru_cache(maxsize=4096)
def name_parts(name: str) -> tuple[str, ...]:
    """The letters of the name as a whole, then of each of its parts: `García-López` may be on the list as one of them.

    Particles are left out: half the Netherlands would match a `van`.
    """
    bare = without_suffix(name)
    parts = [letters(part) for part in SEPARATORS.split(bare)]
    names = [part for part in parts if len(part) > 1 and part not in PARTICLES] if len(parts) > 1 else []
    return tuple(part for part in dict.fromkeys([letters(bare), *names]) if part)


@lru_cache(maxsize=4096)
def sound(name: str) -> str:
    """How a name sounds: its first letter, then its consonants by kind, at most four letters in all."""
    for spelt, spoken in DIGRAPHS:
        name = name.replace(spelt, spoken)
    consonants = SILENT.sub("", name[1:].translate(SOUNDS))
    kinds = [kind for kind, _ in groupby(name[:1].translate(SOUNDS) + consonants)]
    return (name[:1] + "".join(kinds[1:]))[:SOUND_LETTERS]
