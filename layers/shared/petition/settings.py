"""Settings from the environment: each part validates only what it uses, and no value is ever printed."""

import os
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError


class SettingsError(Exception):
    """A setting is missing or malformed. The message names the variables and never shows a value."""


class Settings(BaseModel):
    """A group of settings: the field `redis_url` is read from the variable `REDIS_URL`.

    A variable that is set to nothing counts as missing, as templates pass an unset parameter on as "".
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read this group from the environment.

        Raises:
            SettingsError: naming each variable that is missing or malformed.
        """
        given = {name: environ[name.upper()] for name in cls.model_fields if environ.get(name.upper())}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            # `from None`: pydantic's own text, with whatever a validator put in it, stays out of the log.
            raise SettingsError(_sentence(error)) from None


def _sentence(error: ValidationError) -> str:
    names: dict[bool, set[str]] = {True: set(), False: set()}
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        names[problem["type"] == "missing"].add(str(problem["loc"][0]).upper())
    parts = [f"{what}: {', '.join(sorted(names[key]))}" for key, what in ((True, "not set"), (False, "malformed"))]
    return "Environment variables " + "; ".join(part for part in parts if not part.endswith(": "))
