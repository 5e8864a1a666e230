"""Slips of a hand, an eye and an ear: a word in, the word with one slip out."""

import random
from collections.abc import Callable, Sequence

SHORTEST_TO_SHORTEN = 3
KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _pairs(text: str) -> list[tuple[str, str]]:
    """`c:k e:` as pairs; what stands after the colon may be nothing."""
    return [(old, new) for old, _, new in (pair.partition(":") for pair in text.split())]


LOOK_ALIKE = _pairs(
    "rn:m m:rn cl:d d:cl vv:w nn:m li:h ri:n u:v v:u a:o o:a e:c c:e l:i i:l n:r h:b b:h g:q f:t t:f y:g s:5 o:0 k:h"
)
SOUND_ALIKE = _pairs(
    "ph:f f:ph ck:k c:k k:c s:z z:s y:i i:y ie:ei ei:ie ee:ea ea:ee ai:ay ou:oo x:ks j:g mm:m nn:n tt:t ll:l ss:s rr:r "
    "t:tt l:ll e: h: a:e e:a sch:sh gh:g th:t w:v d:t"
)
DIGITS_ALIKE = dict(_pairs("0:68 1:74 2:7 3:85 4:91 5:36 6:05 7:12 8:30 9:74"))


def slip(word: str, chance: random.Random) -> str:
    """The word with one random slip, if the word allows one."""
    kinds = (hit_wrong_key, leave_out, repeat, turn_round, misread, mishear)
    return chance.choices(kinds, (3, 3, 2, 2, 3, 4))[0](word, chance)


def hit_wrong_key(word: str, chance: random.Random) -> str:
    """A key beside the right one."""
    return _change_one(word, chance, lambda letter: chance.choice(_neighbours(letter)))


def leave_out(word: str, chance: random.Random) -> str:
    """Leave out a letter."""
    return _change_one(word, chance, lambda _: "") if len(word) >= SHORTEST_TO_SHORTEN else word


def repeat(word: str, chance: random.Random) -> str:
    """A letter twice, or one beside it on the keyboard, too."""
    return _change_one(word, chance, lambda letter: letter + chance.choice(letter + _neighbours(letter)))


def turn_round(word: str, chance: random.Random) -> str:
    """Swap two letters."""
    at = chance.randrange(max(1, len(word) - 1))
    return word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]


def misread(word: str, chance: random.Random) -> str:
    """Letters for others that look like them."""
    return _replace(word, chance, LOOK_ALIKE)


def mishear(word: str, chance: random.Random) -> str:
    """Letters for others that sound like them."""
    return _replace(word, chance, SOUND_ALIKE)


def slip_of_digits(digits: str, chance: random.Random) -> str:
    """A digit off, two digits swapped, or one left out."""
    kinds = (turn_round, leave_out, _misread_digit)
    return chance.choices(kinds, (3, 1, 6))[0](digits, chance)


def _misread_digit(digits: str, chance: random.Random) -> str:
    return _change_one(digits, chance, lambda digit: chance.choice(DIGITS_ALIKE.get(digit, "") + "0123456789"))


def _neighbours(letter: str) -> str:
    rows = [row for row in KEYBOARD if letter in row]
    places = [(row, row.index(letter)) for row in rows]
    return "".join(row[max(0, at - 1) : at] + row[at + 1 : at + 2] for row, at in places) or letter


def _change_one(word: str, chance: random.Random, change: Callable[[str], str]) -> str:
    if not word:
        return word
    at = chance.randrange(len(word))
    return word[:at] + change(word[at].lower()) + word[at + 1 :]


def _replace(word: str, chance: random.Random, pairs: Sequence[tuple[str, str]]) -> str:
    low = word.lower()
    fitting = [pair for pair in pairs if pair[0] in low]
    if not fitting:
        return leave_out(word, chance)
    old, new = chance.choice(fitting)
    at = chance.choice([at for at in range(len(low)) if low.startswith(old, at)])
    return word[:at] + new + word[at + len(old) :]
