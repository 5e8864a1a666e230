"""Settings from the environment: each part validates only what it uses, and no value is ever printed."""

import os
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from petition import secrets


class SettingsError(Exception):
    """A setting is missing or malformed. The message names the variables and never shows a value."""


class Settings(BaseModel):
    """A group of settings: the field `redis_url` is read from the variable `REDIS_URL`.

    A variable that is set to nothing counts as missing, as templates pass an unset parameter on as "".
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read this group from the environment, and the secrets that it refers to.

        Raises:
            SettingsError: naming each variable that is missing or malformed, or whose secret cannot be read.
        """
        given, unreadable = _resolved({name: environ.get(name.upper(), "") for name in cls.model_fields})
        try:
            settings = cls.model_validate(given)
        except ValidationError as error:
            # `from None`: pydantic's own text, with whatever a validator put in it, stays out of the log.
            raise SettingsError(_sentence(_problems(error) | unreadable)) from None
        if unreadable:
            raise SettingsError(_sentence(unreadable))
        return settings


def _resolved(given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The values that are set, and what is wrong with those that cannot be read; both by field."""
    values, unreadable = {}, {}
    for name, value in given.items():
        try:
            values[name] = secrets.resolve(value)
        except secrets.SecretError as error:
            unreadable[name] = f"secret not readable ({error})"
    return {name: value for name, value in values.items() if value}, unreadable


def _problems(error: ValidationError) -> dict[str, str]:
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    return {str(problem["loc"][0]): "not set" if problem["type"] == "missing" else "malformed" for problem in problems}


def _sentence(problems: Mapping[str, str]) -> str:
    parts = []
    for problem in sorted(set(problems.values()), reverse=True):
        names = sorted(name.upper() for name, its in problems.items() if its == problem)
        parts.append(f"{problem}: {', '.join(names)}")
    return "Environment variables " + "; ".join(parts)
