"""What is read of Directus's answers. Errors are as seen on Directus 12.4. None of their text is passed on."""

from typing import Annotated, Any

from msgspec import Meta, Struct


class Session(Struct):
    """A login's session."""

    # It will stand in a header and, sealed, in a cookie, which browsers keep up to 4 KB of.
    access_token: Annotated[str, Meta(pattern=r"^[!-~]+\Z", max_length=2048)]
    expires: Annotated[int, Meta(lt=10**12)]  # milliseconds from now


class LoginAnswer(Struct):
    """The answer to a login."""

    data: Session


class Items(Struct):
    """The items that a query selects."""

    data: list[dict[str, Any]]


class Count(Struct):
    """How many items a filter selects. PostgreSQL's drivers give text."""

    count: int | Annotated[str, Meta(pattern=r"^[0-9]{1,18}\Z")]


class Counts(Struct):
    """The answer to a count."""

    data: tuple[Count]


class Extensions(Struct):
    """The part of an error that a program reads."""

    code: str


class Problem(Struct):
    """An error."""

    extensions: Extensions


class Problems(Struct):
    """The answer to a request that failed."""

    errors: list[Problem]
