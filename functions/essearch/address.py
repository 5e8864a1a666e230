"""What an address is made of: a house number, the name of a street, and what people leave out or write in two ways."""

import re
from functools import lru_cache

from essearch.folding import fold, words

HOUSE = re.compile(r"^\W*([0-9]{1,20})")
HOUSE_WORD = re.compile(r"^\W*[0-9]+(?:-[0-9]+|[a-z]\b| 1/2)?\W*")
UNIT = re.compile(
    r"(?:[\s,]+(?:apt|apartment|unit|ste|suite|lot|spc|space|trlr|trailer|bldg|building|fl|floor|rm|room|no)\b[.\s#]*"
    r"(?:[0-9]+\w?|\w)?\b|\s*#).*$"
)
NOT_WORD = re.compile(r"[^\w']+")


DIRECTIONS = words("n s e w ne nw se sw north south east west northeast northwest southeast southwest")
TYPES = words(
    "aly alley ave av avenue blvd boulevard cir circle ct court cv cove dr drive expy expressway hwy highway lndg "
    "landing ln lane loop lp park pass path pike pkwy parkway pl place plz plaza pt point rd road rdg ridge row run "
    "sq square st str street ter terr terrace trce trace trl trail walk way wy xing crossing"
)
# Written in two ways at the start of a street's name.
STARTS = {"st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort", "dr": "doctor", "pt": "point"}
ORDINALS = {
    "first": "1st",
    "second": "2nd",
    "third": "3rd",
    "fourth": "4th",
    "fifth": "5th",
    "sixth": "6th",
    "seventh": "7th",
    "eighth": "8th",
    "ninth": "9th",
    "tenth": "10th",
    "eleventh": "11th",
    "twelfth": "12th",
}


def house_number(address: str) -> str:
    """The digits that an address starts with, or an empty text."""
    found = HOUSE.match(fold(address))
    return found.group(1) if found else ""


@lru_cache(maxsize=4096)
def street_name(address: str) -> str:
    """The folded name of the street, without house number, unit, direction and type, as long as a name remains."""
    rest = UNIT.sub("", HOUSE_WORD.sub("", fold(address)))
    parts = [part for part in NOT_WORD.split(rest) if part]
    if len(parts) > 1 and parts[-1] in DIRECTIONS:
        parts = parts[:-1]
    if len(parts) > 1 and parts[-1] in TYPES:
        parts = parts[:-1]
    if len(parts) > 1 and parts[0] in DIRECTIONS:
        parts = parts[1:]
    if len(parts) > 1:
        parts[0] = STARTS.get(parts[0], parts[0])
    return " ".join(ORDINALS.get(part, part) for part in parts)
