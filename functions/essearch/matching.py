"""Match persons to criteria: with a Directus filter, and again in Python for values that Directus would interpret.

A text compares as it does to a person: case, accents and the kind of an apostrophe make no difference in names, address
and city, where the collection has folded columns. Where it has none, accents do. State and county ignore case.

Directus interprets some values: `%` and `_` are wildcards in its prefix and contains operators, a
leading `$` names a variable ($NOW, $CURRENT_USER), and the words true, false, null and NULL become values of another
type. Here they are literal: a person can be called Null. For such a value the filter selects a superset, with `_` (any
character) in place of each special character, and `matches` then decides.

Seen in Directus 12.4, api/src/database/run-ast/lib/apply-query/filter/operator.ts and utils/shared/parse-filter.ts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from essearch.columns import FILLED, FOLDED
from essearch.folding import PLAIN_APOSTROPHES, fold
from petition.validation import JsonValue

PREFIX_CRITERIA = frozenset({"firstName", "middleName", "lastName", "address"})
CASELESS_CRITERIA = frozenset({"city", "state", "county"})
WORD_CRITERION = "query"
WORD_FIELDS = ("firstName", "middleName", "lastName", "address", "city", "zip", "voterId")
SPECIAL_CHARACTERS = re.compile(r"[%_\\\[$]")
SPECIAL_WORDS = frozenset({"true", "false", "null", "NULL"})
COMMON_APOSTROPHES = "\u2019\u2018\u02bc`\u00b4"

type Columns = Mapping[str, str]
type Criteria = Mapping[str, str | int]
type Filter = dict[str, JsonValue]
type Person = dict[str, object]


@dataclass(frozen=True)
class Fields:
    """The collection's fields.

    Attributes:
        wire: for each name of an answer.
        derived: for each derived column; empty where the collection has none.
        folded: the folded column of each criterion that has one.
    """

    wire: Columns
    derived: Columns = field(default_factory=dict)
    folded: Columns = field(init=False)

    def __post_init__(self) -> None:
        """Find the folded columns."""
        folded = {name: self.derived[column] for column, name in FOLDED.items() if column in self.derived}
        object.__setattr__(self, "folded", folded)


@lru_cache(maxsize=4096)
def is_special(value: str | int) -> bool:
    """Check whether Directus would interpret some part of the value."""
    if not isinstance(value, str):
        return False
    return bool(SPECIAL_CHARACTERS.search(value)) or not SPECIAL_WORDS.isdisjoint((value, *value.split()))


def filter_for(criteria: Criteria, fields: Fields) -> Filter:
    """Return the Directus filter: exact, or a superset if a value is special.

    For persons whose derived columns were never filled, it compares the plain fields.
    """
    if FILLED not in fields.derived or fields.folded.keys().isdisjoint(criteria):
        return _all(criteria, fields.wire)
    return {"_or": [_all(criteria, fields.wire, fields.folded), unfilled_filter_for(criteria, fields)]}


def unfilled_filter_for(criteria: Criteria, fields: Fields) -> Filter:
    """Return the filter for persons whose derived columns were never filled. It compares their plain fields."""
    return {"_and": [{fields.derived[FILLED]: {"_null": True}}, _all(criteria, fields.wire)]}


def _all(criteria: Criteria, wire: Columns, folded: Columns = MappingProxyType({})) -> Filter:
    return {"_and": [clause for name, value in criteria.items() for clause in _clauses(name, value, wire, folded)]}


def matches(person: Person, criteria: Criteria, fields: Fields) -> bool:
    """Whether a person, keyed by the names on the wire, meets every criterion."""
    return all(_holds(person, name, value, is_folded=name in fields.folded) for name, value in criteria.items())


def _clauses(name: str, value: str | int, wire: Columns, folded: Columns) -> list[Filter]:
    if name == WORD_CRITERION:
        searched = [wire[each] for each in WORD_FIELDS if each in wire]
        return [{"_or": [c for each in searched for c in _like(each, "contains", word)]} for word in split_words(value)]
    if name in folded and fold(str(value)):
        return [_folded_clause(folded[name], fold(str(value)), is_prefix=name in PREFIX_CRITERIA)]
    column, spellings = wire[name], _spellings(str(value))
    if name in PREFIX_CRITERIA or is_special(value):
        return [{"_or": [clause for spelt in spellings for clause in _like(column, "starts_with", spelt)]}]
    if name in CASELESS_CRITERIA:
        return [{"_or": [clause for spelt in spellings for clause in _equal(column, spelt)]}]
    return [{column: {"_eq": value}}]


def _folded_clause(column: str, text: str, *, is_prefix: bool) -> Filter:
    if is_special(text):
        # `null` gets a wildcard for its last letter: Directus would not compare the word itself as a text
        text = text[:-1] + "_" if text in SPECIAL_WORDS else text
        return {column: {"_starts_with": SPECIAL_CHARACTERS.sub("_", text)}}
    return {column: {"_starts_with" if is_prefix else "_eq": text}}


def _spellings(text: str) -> list[str]:
    """The text with each kind of apostrophe that people use."""
    plain = text.translate(PLAIN_APOSTROPHES)
    if "'" not in plain:
        return [text]
    return list(dict.fromkeys([text, *[plain.replace("'", kind) for kind in "'" + COMMON_APOSTROPHES]]))


def _like(column: str, operator: str, text: str) -> list[JsonValue]:
    """A comparison that ignores case, also of letters beyond ASCII, which SQLite's LOWER leaves alone."""
    pattern = SPECIAL_CHARACTERS.sub("_", text.title() if text in SPECIAL_WORDS else text)
    ignoring_case: JsonValue = {column: {f"_i{operator}": pattern}}
    if pattern.isascii():
        return [ignoring_case]
    others: list[JsonValue] = [{column: {f"_{operator}": spelt}} for spelt in _other_cases(pattern)]
    return [ignoring_case, *others]


def _equal(column: str, text: str) -> list[JsonValue]:
    """Equality that ignores case. Directus has no operator for it: the field starts with the text, and ends there."""
    ignoring_case: list[JsonValue] = [{column: {"_istarts_with": text}}, {column: {"_nistarts_with": f"{text}_"}}]
    others: list[JsonValue] = [] if text.isascii() else [{column: {"_eq": spelt}} for spelt in _other_cases(text)]
    return [{"_and": ignoring_case}, *others]


def _other_cases(pattern: str) -> list[str]:
    """The text as names are written: ÉLOÏSE and Éloïse. A letter that its capital does not lead back to (ß) stays."""
    capitals = "".join(_change_case(letter, letter.upper()) for letter in pattern)
    titled = pattern.title()
    words = map(_change_case, pattern, titled) if len(titled) == len(pattern) else pattern
    return list(dict.fromkeys([capitals, "".join(words)]))


def _change_case(letter: str, other: str) -> str:
    return other if other.lower() == letter.lower() else letter


def _holds(person: Person, name: str, value: str | int, *, is_folded: bool) -> bool:
    if name == WORD_CRITERION:
        texts = [str(person.get(each) or "").lower() for each in WORD_FIELDS]
        return all(any(word.lower() in text for text in texts) for word in split_words(value))
    alike = fold if is_folded and fold(str(value)) else _without_case
    if name in PREFIX_CRITERIA:
        return alike(str(person.get(name) or "")).startswith(alike(str(value)))
    if name in CASELESS_CRITERIA:
        return person.get(name) is not None and alike(str(person[name])) == alike(str(value))
    return str(person.get(name)) == str(value)  # a year is a number


def _without_case(text: str) -> str:
    return text.translate(PLAIN_APOSTROPHES).lower()


def split_words(value: str | int) -> list[str]:
    """The words of a text, each once."""
    return list(dict.fromkeys(str(value).split()))


def count_literals(word: str) -> int:
    """Count the characters that Directus compares literally."""
    return len(SPECIAL_CHARACTERS.sub("", "".join(word.split())))
