"""What a process makes before its first request, so that what is set up wrongly is named once, at the start."""

import os
from collections.abc import Callable

from petition.settings import SettingsError
from petition.telemetry import logger

type Part = Callable[[], object]


def prepare(*parts: Part) -> None:
    """Make what every request needs; in one line of the log, name the settings that keep it from being made.

    Nothing is raised: a request that needs such a part is answered with `internal_error`, and the others go on. Only a
    process that Lambda started is prepared, not a tool or a test that imports a handler.
    """
    if "AWS_LAMBDA_RUNTIME_API" not in os.environ:
        return
    problems = {name: problem for part in parts for name, problem in _problems(part).items()}
    if problems:
        logger.error("this function is set up wrongly", extra={"settings": str(SettingsError(problems))})


def _problems(part: Part) -> dict[str, str]:
    try:
        part()
    except SettingsError as error:
        return error.problems
    return {}
