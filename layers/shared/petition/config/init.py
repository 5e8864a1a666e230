"""What a process makes before its first request, so that a misconfigured setting is logged once, at the start."""

import os
import time
from collections.abc import Callable

from petition import cold_start
from petition.config import secrets
from petition.config.settings import SettingsError
from petition.telemetry import count_configuration_error, flush_metrics, logger

type InitHook = Callable[[], object]

# Lambda ends a start after 10 s, and a secret takes two if AWS does not answer.
SECONDS = 3.0


def run_init_hooks(*init_hooks: InitHook) -> None:
    """Make what every request needs. On Lambda, log one line that names the settings that are wrong.

    Nothing is raised: a request that needs what could not be made is answered with `internal_error`, and others go on.
    Elsewhere nothing is logged either: tools and tests import handlers without any settings. Hooks that would begin
    after `SECONDS` are left to the first request.
    """
    end, problems = time.monotonic() + SECONDS, dict[str, str]()
    secrets.prefetch(os.environ.values())
    for hook in init_hooks:
        if time.monotonic() < end:
            problems |= _run(hook)
    cold_start.end()
    if problems and cold_start.is_on_lambda():
        logger.error("this function is misconfigured", extra={"settings": str(SettingsError(problems))})
        count_configuration_error()
        flush_metrics()


def _run(hook: InitHook) -> dict[str, str]:
    """Run a hook. Return what is wrong with the settings that it needs, by variable."""
    try:
        hook()
    except SettingsError as error:
        return error.problems
    except Exception as error:  # noqa: BLE001 - a process that ended here would answer nothing at all
        if cold_start.is_on_lambda():
            logger.error("an init hook failed", extra={"cause": type(error).__name__})
    return {}
