"""Settings from the environment. Each group is validated by the code that uses it. No value is ever printed."""

import os
from collections.abc import Mapping
from typing import Self

import msgspec
from msgspec import Struct, ValidationError

from petition.config import secrets
from petition.config.secret_ref import SecretError
from petition.validation import dec_hook, validation_errors


class SettingsError(Exception):
    """A setting is missing or malformed. The message names the variables and never shows a value.

    Attributes:
        problems: what is wrong with each, by variable.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        kinds = sorted(set(self.problems.values()), reverse=True)
        super().__init__("Environment variables " + "; ".join(f"{kind}: {self._join_names(kind)}" for kind in kinds))

    def _join_names(self, kind: str) -> str:
        return ", ".join(sorted(name for name, problem in self.problems.items() if problem == kind))


class Malformed(ValueError):
    """A setting that conflicts with another one. The message is its field's name."""


class Settings(Struct):
    """A group of settings: the field `redis_url` is read from the variable `REDIS_URL`.

    An empty variable counts as missing: templates pass on an unset parameter as "".
    """

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read this group from the environment, and the secrets that it refers to.

        Raises:
            SettingsError: naming each variable that is missing or malformed, or whose secret cannot be read.
        """
        try:
            return cls._read(environ)
        except SettingsError:
            # The secret may have been corrected since it was read.
            if not secrets.refresh():
                raise
        return cls._read(environ)

    @classmethod
    def _read(cls, environ: Mapping[str, str]) -> Self:
        given, unreadable = _resolve_secrets({name: environ.get(name.upper(), "") for name in cls.__struct_fields__})
        try:
            settings = msgspec.convert(given, cls, strict=False, dec_hook=dec_hook)
        except ValidationError as error:
            # `from None`: the cause can hold a value, and stays out of the log.
            raise SettingsError(_find_problems(cls, given, error) | unreadable) from None
        if unreadable:
            raise SettingsError(unreadable)
        return settings

    def __repr__(self) -> str:
        """Show the group's name alone: settings can be secrets."""
        return type(self).__name__


def _resolve_secrets(given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the values that are set, by field; and what is wrong with those that cannot be read, by variable."""
    values, unreadable = {}, {}
    for name, value in given.items():
        try:
            values[name] = secrets.resolve(value).strip()
        except SecretError as error:
            unreadable[name.upper()] = f"secret not readable ({error})"
    return {name: value for name, value in values.items() if value}, unreadable


def _find_problems(model: type[Settings], given: Mapping[str, str], error: ValidationError) -> dict[str, str]:
    alone = [fault.field for fault in validation_errors(model, given, strict=False)]
    names = [str(error.__cause__)] if isinstance(error.__cause__, Malformed) else alone
    return {name.upper(): "malformed" if name in given else "not set" for name in names}
