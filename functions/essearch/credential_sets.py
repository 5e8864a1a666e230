"""Which variables hold the credentials of a search: whole sets of three, never a mixture of two.

A caller who could mix them would send one directory's password to another, or have Directus suspend somebody's user.
"""

import os
import re
from collections.abc import Mapping
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta, Struct

from petition.config.settings import Settings
from petition.errors import Detail, InvalidRequest
from petition.http.schema import Schema

NOT_A_SET = "The three keys must belong together: declared under this name, or alike in what follows their kind"

# Without the prefix, a caller could have any variable of the function sent somewhere.
type Key = Annotated[
    str,
    Meta(
        pattern=r"^DIRECTUS_[A-Z0-9_]{1,100}$(?!\n)",
        description="DIRECTUS_ followed by capital letters, digits and _",
    ),
]
# Goes into the cookie's name, so it is made of characters that cannot end one.
type Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$(?!\n)", description="1 to 64 letters, digits, _ or -")]


class Keys(NamedTuple):
    """The names of a set's three variables."""

    endpoint: str
    email: str
    password: str

    @property
    def suffix(self) -> str | None:
        """What follows the kind in all three names, such as NORTH; None if it differs or one is of another kind.

        This keeps a URL from being sent as a password.
        """
        matches = [re.fullmatch(kind, key) for kind, key in zip(KINDS, self, strict=True)]
        suffixes = {match[1] if match else None for match in matches}
        return suffixes.pop() if len(suffixes) == 1 else None


KINDS = Keys("DIRECTUS_URL_(.+)", "DIRECTUS_(?:API_)?EMAIL_(.+)", "DIRECTUS_(?:API_)?PASSWORD_(.+)")
COMMON_KEYS = Keys("DIRECTUS_URL_SEARCH", "DIRECTUS_API_EMAIL_SEARCH", "DIRECTUS_API_PASSWORD_SEARCH")


class CredentialSet(NamedTuple):
    """Three variables that belong together, and what the audit line calls them."""

    name: str
    keys: Keys


COMMON = CredentialSet("common", COMMON_KEYS)


class ChosenCredentials(Schema):
    """Credentials by the names of the variables that hold them: three of one set. Where none is set, the common ones.

    They belong together where DIRECTUS_CREDENTIALS declares them under this name, or where they are alike in what
    follows their kind: DIRECTUS_URL_X, DIRECTUS_EMAIL_X or DIRECTUS_API_EMAIL_X, and the same of PASSWORD.
    """

    name: Name
    email_key: Key | None = None
    endpoint_key: Key | None = None
    password_key: Key | None = None

    @property
    def keys(self) -> Keys | None:
        """The three keys; None where none is given.

        Raises:
            InvalidRequest: some are given and some are not.
        """
        match self.endpoint_key, self.email_key, self.password_key:
            case None, None, None:
                return None
            case str() as endpoint, str() as email, str() as password:
                return Keys(endpoint, email, password)
            case _:
                raise not_a_set()


class _DeclaredKeys(Struct, rename="camel", forbid_unknown_fields=True):
    endpoint_key: Key
    email_key: Key
    password_key: Key


class DeclaredSets(dict[str, Keys]):
    """Sets of keys by name, from a JSON object: `{"north": {"endpointKey": "...", "emailKey": "...", ...}}`.

    Raises:
        ValueError: the text is anything else.
    """

    def __init__(self, text: str) -> None:
        declared = msgspec.json.decode(text, type=dict[Name, _DeclaredKeys])
        super().__init__({name: Keys(*msgspec.structs.astuple(keys)) for name, keys in declared.items()})


class DeclaredCredentials(Settings):
    """The sets whose variables do not end alike."""

    directus_credentials: DeclaredSets | None = None


def not_a_set() -> InvalidRequest:
    """Return the answer to keys that make no set. It is the same for every reason."""
    return InvalidRequest(details=[Detail("credentials", NOT_A_SET)])


def find_set(chosen: ChosenCredentials, environ: Mapping[str, str] = os.environ) -> CredentialSet:
    """The set that a request names, or the common one where none of its variables is set.

    Raises:
        InvalidRequest: its keys do not belong together, or only some of its variables are set.
        SettingsError: DIRECTUS_CREDENTIALS is malformed.
    """
    sets = DeclaredCredentials.load(environ).directus_credentials
    declared = sets.get(chosen.name) if sets else None
    keys = chosen.keys or declared
    if keys is None:
        return COMMON
    name = chosen.name if keys == declared else (keys.suffix or "").lower()
    if not name:
        raise not_a_set()
    are_set = {bool(environ.get(key, "").strip()) for key in keys}
    if are_set == {True, False}:
        raise not_a_set()
    return CredentialSet(name, keys) if are_set == {True} and keys != COMMON_KEYS else COMMON
