"""What a search takes and answers."""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, StrictStr, model_validator
from pydantic_core import PydanticCustomError

from petition.api import Message

MAX_LENGTH = 200
MAX_LIMIT = 100
MAX_PAGE = 100_000
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]")
WHOLE_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


def _trimmed(text: str) -> str | None:
    """A form sends its empty fields too: what is blank is no criterion."""
    if CONTROL_CHARACTER.search(text):
        raise PydanticCustomError("control_character", "Must not contain control characters")
    return text.strip() or None


def _whole_number(value: object) -> object:
    """A number that came as text, as it does in a query string and from a form."""
    if isinstance(value, str) and WHOLE_NUMBER.fullmatch(value.strip()):
        return int(value)
    return None if value == "" else value


type Text = Annotated[StrictStr, Field(max_length=MAX_LENGTH), AfterValidator(_trimmed)]
type WholeNumber = Annotated[int, Field(strict=True), BeforeValidator(_whole_number, json_schema_input_type=int | str)]


class SearchQuery(Message):
    """A search: all criteria that are given must hold, and there must be one.

    Names and address match from the start of the value and ignore case, `query` matches words anywhere, the rest match
    exactly.
    """

    first_name: Text | None = None
    middle_name: Text | None = None
    last_name: Text | None = None
    address: Text | None = None
    city: Text | None = None
    state: Text | None = None
    zip: Text | None = None
    county: Text | None = None
    birth_year: Annotated[WholeNumber, Field(ge=1800, le=2200)] | None = None
    voter_id: Text | None = None
    query: Text | None = Field(default=None, description="Words, each of which must occur in some field of a voter.")
    limit: Annotated[WholeNumber, Field(ge=1, le=MAX_LIMIT)] = 20
    page: Annotated[WholeNumber, Field(ge=1, le=MAX_PAGE)] = 1

    @model_validator(mode="after")
    def _asks_for_something(self) -> "SearchQuery":
        if not self.criteria:
            raise PydanticCustomError("no_criterion", "Give at least one search criterion")
        return self

    @property
    def criteria(self) -> dict[str, str | int]:
        """The criteria that are given, by their names on the wire."""
        return self.model_dump(exclude={"limit", "page", "credentials"}, exclude_none=True, by_alias=True)

    @property
    def offset(self) -> int:
        """How many persons the earlier pages hold."""
        return (self.page - 1) * self.limit


class SearchAnswer(Message):
    """The persons of one page, how many they are, and how many match in all."""

    persons: list[dict[str, JsonValue]]
    hits_count: int
    total_hits: int
