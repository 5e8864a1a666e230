"""What a process makes before its first request, so that what is set up wrongly is named once, at the start."""

import os
import time
from collections.abc import Callable

from petition import cold_start
from petition.config import secrets
from petition.config.settings import SettingsError
from petition.telemetry import count_configuration_error, flush_metrics, logger

type InitHook = Callable[[], object]

# Lambda ends a start after 10 s, and a secret that AWS is silent about takes two.
SECONDS = 3.0


def run_init_hooks(*init_hooks: InitHook) -> None:
    """Make what every request needs. On Lambda, name in one line of the log the settings that are wrong.

    Nothing is raised: a request that needs what could not be made is answered with `internal_error`, and the others go
    on. Elsewhere nothing is logged either: tools and tests import handlers without any settings. What would be made
    after `SECONDS` is left to the first request.
    """
    end, problems = time.monotonic() + SECONDS, dict[str, str]()
    secrets.prefetch(os.environ.values())
    for hook in init_hooks:
        if time.monotonic() < end:
            problems |= _run(hook)
    cold_start.end()
    if problems and cold_start.is_on_lambda():
        logger.error("this function is set up wrongly", extra={"settings": str(SettingsError(problems))})
        count_configuration_error()
        flush_metrics()


def _run(hook: InitHook) -> dict[str, str]:
    """Run a hook; what is wrong with the settings that it needs, by variable."""
    try:
        hook()
    except SettingsError as error:
        return error.problems
    except Exception as error:  # noqa: BLE001 - a process that ended here would answer nothing at all
        if cold_start.is_on_lambda():
            logger.error("a part of this function cannot be made", extra={"cause": type(error).__name__})
    return {}
