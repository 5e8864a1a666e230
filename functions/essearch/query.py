"""What a search takes and answers."""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, StrictStr, model_validator
from pydantic_core import PydanticCustomError

from petition.api import Answer, Message

MAX_LENGTH = 200
MAX_LIMIT = 100
MAX_PAGE = 100_000
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]")
WHOLE_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


def _trimmed(text: str) -> str:
    if CONTROL_CHARACTER.search(text):
        raise PydanticCustomError("control_character", "Must not contain control characters")
    return text.strip(" ")


def _from_text(value: object) -> object:
    """A number that came as text, as it does in a query string and from a form."""
    return int(value) if isinstance(value, str) and WHOLE_NUMBER.fullmatch(value) else value


type Text = Annotated[StrictStr, Field(max_length=MAX_LENGTH), AfterValidator(_trimmed)]
type Year = Annotated[int, Field(strict=True, ge=1800, le=2200), BeforeValidator(_from_text)]
type Limit = Annotated[int, Field(strict=True, ge=1, le=MAX_LIMIT), BeforeValidator(_from_text)]
type Page = Annotated[int, Field(strict=True, ge=1, le=MAX_PAGE), BeforeValidator(_from_text)]


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
    birth_year: Year | None = None
    voter_id: Text | None = None
    query: Text | None = Field(default=None, description="Words, each of which must occur in some field of a voter.")
    limit: Limit = 20
    page: Page = 1

    @model_validator(mode="before")
    @classmethod
    def _leave_out_blanks(cls, values: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """A form sends its empty fields too: what is blank is no criterion."""
        return {name: value for name, value in values.items() if value is not None and str(value).strip(" ")}

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


class SearchAnswer(Answer):
    """The persons of one page, how many they are, and how many match in all."""

    persons: list[dict[str, JsonValue]]
    hits_count: int
    total_hits: int
