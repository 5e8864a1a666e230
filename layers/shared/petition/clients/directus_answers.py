"""What is read of Directus's answers. Errors are as seen on Directus 12.4. None of their text is passed on."""

from typing import Annotated, Any

from msgspec import Meta, Struct


class IssuedToken(Struct):
    """An access token, as a login issues it."""

    # It is sent in a header and, sealed, in a cookie. Browsers keep cookies of up to 4 KB.
    access_token: Annotated[str, Meta(pattern=r"^[!-~]+\Z", max_length=2048)]
    expires: Annotated[int, Meta(lt=10**12)]  # milliseconds from now


class LoginAnswer(Struct):
    """The answer to a login."""

    data: IssuedToken


class ItemsAnswer(Struct):
    """The answer to a query: the items that it selects."""

    data: list[dict[str, Any]]


class Count(Struct):
    """How many items a filter selects. PostgreSQL's drivers give text."""

    count: int | Annotated[str, Meta(pattern=r"^[0-9]{1,18}\Z")]


class CountAnswer(Struct):
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
