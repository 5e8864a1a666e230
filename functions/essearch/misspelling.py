"""Keys for names that have a slip inside the key itself.

A slip in the middle of a short name spoils all of its keys: `Smlth` starts, ends and sounds unlike `Smith`. So every
key that is one slip away is tried.
"""

from collections.abc import Mapping, Sequence
from string import ascii_lowercase

from essearch.keys import KEY_LETTERS, sound


def keys_without_a_slip(last: str, first: str) -> Mapping[str, Sequence[str]]:
    """Return the keys that are one slip in either name away. The names come as `letters` returns them."""
    last_start, first_start = last[:KEY_LETTERS], first[:KEY_LETTERS]
    starts = [
        *(f"{start} {first_start}" for start in starts_without_a_slip(last)),
        *(f"{last_start} {start}" for start in starts_without_a_slip(first)),
    ]
    first_sound = sound(first)
    ends = [f"{end[::-1]} {first_sound}" for end in starts_without_a_slip(last[::-1])]
    return {"keyNames": list(dict.fromkeys(starts)), "keySounds": ends}


def starts_without_a_slip(name: str) -> Sequence[str]:
    """Return how a name may start: with one letter changed, added or removed, or two swapped."""
    places = range(min(KEY_LETTERS, len(name)))
    slips = (
        *(name[:at] + letter + name[at + 1 :] for at in places for letter in ascii_lowercase),
        *(name[:at] + letter + name[at:] for at in places for letter in ascii_lowercase),
        *(name[:at] + name[at + 1 :] for at in places),
        *(name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :] for at in places),
    )
    return list(dict.fromkeys(slip[:KEY_LETTERS] for slip in slips))
