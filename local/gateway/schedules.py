"""Schedules that run by themselves, at the rate that the template says.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import asyncio
import logging
import re
import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Final

from local.gateway.errors import GatewayError, TemplateError
from local.gateway.events import Json
from local.gateway.template import Schedule

type Invoke = Callable[[str, object], Awaitable[Json]]

_UNITS: Final = {"minute": 60, "hour": 3600, "day": 86_400}  # seconds
_RATE: Final = re.compile(rf"rate\((\d+) ({'|'.join(_UNITS)})s?\)")
_log = logging.getLogger(__name__)


async def run_schedules(schedules: Mapping[str, Schedule], names: Collection[str], invoke: Invoke) -> None:
    """Invoke the functions of some schedules until cancelled. Return at once if none of them is enabled.

    Raises:
        TemplateError: the template has no such schedule, or its expression is not a rate.
    """
    async with asyncio.TaskGroup() as group:
        for name in names:
            if name not in schedules:
                raise TemplateError(f"The template has no schedule {name}.")
            if schedules[name].is_enabled:
                group.create_task(_run(name, schedules[name], invoke))


def seconds_of(expression: str) -> int:
    """Return the seconds between two runs of a rate.

    Raises:
        TemplateError: it is not a rate.
    """
    found = _RATE.fullmatch(expression)
    if found is None:
        raise TemplateError(f"{expression} is not a rate, such as rate(5 minutes).")
    return int(found[1]) * _UNITS[found[2]]


async def _run(name: str, schedule: Schedule, invoke: Invoke) -> None:
    """Run a schedule until cancelled, one run after the other."""
    pause = seconds_of(schedule.expression)
    while True:
        await asyncio.sleep(pause)
        try:
            await invoke(schedule.function, _event(name))
        except GatewayError:
            _log.warning("The schedule %s could not run its function.", name)


def _event(name: str) -> Json:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "123456789012",
        "time": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "region": "us-east-1",
        "resources": [f"arn:aws:scheduler:us-east-1:123456789012:schedule/default/{name}"],
        "detail": "{}",
    }
