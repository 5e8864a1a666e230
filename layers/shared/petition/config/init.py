"""What a process makes before its first request, so that what is set up wrongly is named once, at the start."""

import os
import time
from collections.abc import Callable

from petition.config import secrets
from petition.config.settings import SettingsError
from petition.telemetry import count_configuration_error, flush_metrics, logger

type InitHook = Callable[[], object]

# Lambda ends a start after 10 s, and a secret that AWS is silent about takes two.
SECONDS = 3.0


def run_init_hooks(*init_hooks: InitHook) -> None:
    """Make what every request needs; in one line of the log, name the settings that keep it from being made.

    Nothing is raised: a request that needs such a part is answered with `internal_error`, and the others go on. Only a
    process that Lambda started is prepared, not a tool or a test that imports a handler. What would be made after
    `SECONDS` is left to the first request.
    """
    if "AWS_LAMBDA_RUNTIME_API" not in os.environ:
        return
    end, problems = time.monotonic() + SECONDS, dict[str, str]()
    secrets.prefetch(os.environ.values())
    for hook in init_hooks:
        if time.monotonic() < end:
            problems |= _problems(hook)
    if problems:
        logger.error("this function is set up wrongly", extra={"settings": str(SettingsError(problems))})
        count_configuration_error()
        flush_metrics()


def _problems(hook: InitHook) -> dict[str, str]:
    try:
        hook()
    except SettingsError as error:
        return error.problems
    except Exception as error:  # noqa: BLE001 - a process that ended here would answer nothing at all
        logger.error("a part of this function cannot be made", extra={"cause": type(error).__name__})
    return {}
