"""Folding: what two spellings of the same word have in common.

`Jesús` and `JESUS`, or `D'Andre` with any kind of apostrophe, are the same word to a person. Their folded texts are
equal, so that a folded column can be compared letter by letter, and by an index.
"""

import re
import unicodedata
from functools import lru_cache

# Letters that Unicode does not decompose into a base letter and a mark.
LETTERS = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ł": "l",
        "ħ": "h",
        "ŋ": "n",
        "ŧ": "t",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "ĸ": "k",
    }
)
# Written for an apostrophe by phones, typewriters, word processors and transcribers of Hawaiian names.
APOSTROPHES = "\u2018\u2019\u201b\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u2032\uff07\ua78c\u0060\u00b4"
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
PLAIN_APOSTROPHES = str.maketrans(dict.fromkeys(APOSTROPHES, "'"))
PUNCTUATION = PLAIN_APOSTROPHES | str.maketrans(dict.fromkeys(DASHES, "-"))
SPACES = re.compile(r"\s+")
MAX_LETTERS = 255  # of a folded column


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """The text without case, accents, and differences between kinds of apostrophes, dashes and spaces.

    A prefix of a text, folded, is a prefix of the folded text, unless the cut splits a ligature or separates a letter
    from its accent.
    """
    if text.isascii():
        return SPACES.sub(" ", text.replace("`", "'").lower().strip())[:MAX_LETTERS]
    plain = text.translate(PUNCTUATION)  # first: Unicode decomposes an acute accent alone into a space and a mark
    # again: it decomposes a double prime into two single ones
    decomposed = unicodedata.normalize("NFKD", plain.casefold()).translate(PUNCTUATION)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return SPACES.sub(" ", unicodedata.normalize("NFC", bare.casefold()).translate(LETTERS).strip())[:MAX_LETTERS]


def words(text: str) -> frozenset[str]:
    """The words of a list that is written as one text."""
    return frozenset(text.split())
