"""The request and the answer of a search."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from petition.http.schema import Schema
from petition.validation import JsonValue

WHOLE_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
NUMBERS = frozenset({"birthYear", "limit", "page"})
BLANK = (None, "")
# Unicode's spaces without the control characters, which are refused. A query of spaces alone would have no words.
SPACES = "".join(map(chr, (0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)))

type Text = Annotated[
    str,
    Meta(
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f-\x9f]*$(?!\n)",
        description="text of at most 200 characters, without control characters",
    ),
]
# As in a duplicate check. A number becomes text before it is validated.
type VoterId = Text | Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
type Year = Annotated[int, Meta(ge=1800, le=2200, description="a year from 1800 to 2200")]
type Limit = Annotated[int, Meta(ge=1, le=100, description="a whole number from 1 to 100")]
type Match = Annotated[Literal["exact", "close"], Meta(description="exact or close")]
type Page = Annotated[int, Meta(ge=1, le=100_000, description="a whole number from 1 to 100,000")]


class SearchQuery(Schema):
    """A search: all criteria that are given must hold, and there must be one.

    Names and address match from the start of the value, `query` matches words anywhere, the rest match as a whole. Case
    and the kind of an apostrophe make no difference in names, address, city, state and county; nor do accents in names,
    address and city, where the collection has folded columns.

    With `match: "close"`, those who are likely to be meant follow those who match: see docs/search.md.
    """

    first_name: Text | None = None
    middle_name: Text | None = None
    last_name: Text | None = None
    address: Text | None = None
    city: Text | None = None
    state: Text | None = None
    zip: Text | None = None
    county: Text | None = None
    birth_year: Year | None = None
    voter_id: VoterId | None = None
    query: Text | None = None
    match: Match = "exact"
    limit: Limit = 20
    page: Page = 1

    @classmethod
    def normalize(cls, values: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:  # type: ignore[override]  # mypy takes the default for a method
        """Tidy the values and drop known fields that are blank: a form sends its empty fields too."""
        tidied = {name: _tidy(name, value) for name, value in values.items()}
        known = cls.__struct_encode_fields__
        return {name: value for name, value in tidied.items() if name not in known or value not in BLANK}

    def __post_init__(self) -> None:
        """Check that there is a criterion."""
        if not self.criteria:
            raise ValueError("Give at least one search criterion")

    @property
    def criteria(self) -> dict[str, str | int]:
        """The criteria that are given, by their names on the wire."""
        given: dict[str, str | int | None] = msgspec.to_builtins(self)
        return {name: value for name, value in given.items() if value is not None and name not in NO_CRITERIA}

    @property
    def offset(self) -> int:
        """How many persons the earlier pages hold."""
        return (self.page - 1) * self.limit


NO_CRITERIA = frozenset({"match", "limit", "page", "credentials"})


def _tidy(name: str, value: JsonValue) -> JsonValue:
    """Trim text and compose it (NFC), because macOS pastes a letter and its accent separately; convert numbers in text.

    Query strings and forms send numbers as text.
    """
    text = unicodedata.normalize("NFC", value.strip(SPACES)) if isinstance(value, str) else None
    if name == "voterId" and type(value) is int:
        return str(value)
    if name in NUMBERS and text and WHOLE_NUMBER.fullmatch(text):
        return int(text)
    return value if text is None else text


class SearchAnswer(Schema):
    """The persons of one page, how many they are, and how many match in all.

    After `match: "close"` each person has a `match` (exact or close) and a `score` (0 to 1), and `closeHits` says how
    many of the persons are close.
    """

    persons: list[dict[str, Any]]
    hits_count: int
    total_hits: int
    close_hits: int | UnsetType = UNSET
