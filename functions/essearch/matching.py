"""What matches a criterion: said to Directus as a filter, and again in Python where Directus would read too much in.

Directus takes some values for more than they are: `%` and `_` are wildcards in its prefix and contains operators, a
leading `$` names a variable ($NOW, $CURRENT_USER), and the words true, false, null and NULL become values of another
type. Here they are what they are: a person can be called Null. For such a value the filter asks for a superset,
with `_` (any character) in the place of what is special, and `matches` then decides.

Seen in Directus 12.4, api/src/database/run-ast/lib/apply-query/filter/operator.ts and utils/shared/parse-filter.ts.
"""

import re
from collections.abc import Mapping

from petition.validation import JsonValue

PREFIX_CRITERIA = frozenset({"firstName", "middleName", "lastName", "address"})
WORD_CRITERION = "query"
WORD_FIELDS = ("firstName", "middleName", "lastName", "address", "city", "zip", "voterId")
SPECIAL_CHARACTERS = re.compile(r"[%_\\\[$]")
SPECIAL_WORDS = frozenset({"true", "false", "null", "NULL"})

type Criteria = Mapping[str, str | int]
type Filter = dict[str, JsonValue]
type Person = dict[str, object]


def is_special(value: str | int) -> bool:
    """Whether Directus takes some part of the value for more than it is."""
    return isinstance(value, str) and any(
        word in SPECIAL_WORDS or SPECIAL_CHARACTERS.search(word) for word in (value, *value.split())
    )


def filter_for(criteria: Criteria, fields: Mapping[str, str]) -> Filter:
    """The Directus filter: exact, or a superset where a value is special.

    Args:
        criteria: by their names on the wire.
        fields: the collection's field for each name.
    """
    return {"_and": [clause for name, value in criteria.items() for clause in _clauses(name, value, fields)]}


def matches(person: Person, criteria: Criteria) -> bool:
    """Whether a person, keyed by the names on the wire, meets every criterion."""
    return all(_holds(person, name, value) for name, value in criteria.items())


def _clauses(name: str, value: str | int, fields: Mapping[str, str]) -> list[Filter]:
    if name == WORD_CRITERION:
        searched = [fields[field] for field in WORD_FIELDS if field in fields]
        return [{"_or": [c for field in searched for c in _like(field, "contains", word)]} for word in _words(value)]
    if name in PREFIX_CRITERIA or is_special(value):
        return [{"_or": [*_like(fields[name], "starts_with", str(value))]}]
    return [{fields[name]: {"_eq": value}}]


def _like(field: str, operator: str, text: str) -> list[JsonValue]:
    """A comparison that ignores case, also of letters beyond ASCII, which SQLite's LOWER leaves alone."""
    pattern = SPECIAL_CHARACTERS.sub("_", text.title() if text in SPECIAL_WORDS else text)
    ignoring_case: JsonValue = {field: {f"_i{operator}": pattern}}
    others: list[JsonValue] = [{field: {f"_{operator}": spelt}} for spelt in _other_cases(pattern)]
    return [ignoring_case, *others]


def _other_cases(pattern: str) -> list[str]:
    """As names are written: ÉLOÏSE and Éloïse. A letter that is not its capital's small one (ß, the long s) stays."""
    if pattern.isascii():
        return []
    capitals = "".join(_recased(letter, letter.upper()) for letter in pattern)
    titled = pattern.title()
    words = map(_recased, pattern, titled) if len(titled) == len(pattern) else pattern
    return list(dict.fromkeys([capitals, "".join(words)]))


def _recased(letter: str, other: str) -> str:
    return other if other.lower() == letter.lower() else letter


def _holds(person: Person, name: str, value: str | int) -> bool:
    if name == WORD_CRITERION:
        texts = [str(person.get(field) or "").lower() for field in WORD_FIELDS]
        return all(any(word.lower() in text for text in texts) for word in _words(value))
    if name in PREFIX_CRITERIA:
        return str(person.get(name) or "").lower().startswith(str(value).lower())
    return person.get(name) == value


def _words(value: str | int) -> list[str]:
    return str(value).split()
