"""A reference to a secret, in place of the value of an environment variable."""

from typing import NamedTuple


class SecretRef(NamedTuple):
    """Where a secret is kept: `secretsmanager` or `ssm`, and its name there."""

    store: str
    name: str


class SecretError(Exception):
    """A secret cannot be read. The message gives the reason in a few words, and shows neither its name nor a value."""
