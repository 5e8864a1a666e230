"""Rules on triggers: routes are throttled and answered in time, and schedules are valid."""

import re
from collections.abc import Iterator
from typing import Final

from tools.house_rules.shape import FUNCTION, of_type, routes
from tools.template import Template

RATE: Final = re.compile(r"rate\([1-9][0-9]* (minute|hour|day)s?\)")
CRON: Final = re.compile(r"cron\(([^ ]+ ){5}[^ ]+\)")
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
API_LIMIT_SECONDS: Final = 30
LIMITS: Final = {"ThrottlingRateLimit", "ThrottlingBurstLimit"}


def routes_are_throttled(template: Template) -> Iterator[str]:
    """Require a limit for each route: with a shared one, one route could starve the others."""
    stages = of_type(template, "AWS::ApiGatewayV2::Stage").values()
    settings = {route: limits for stage in stages for route, limits in stage.get("RouteSettings", {}).items()}
    existing = routes(template)
    yield from (f"{route} is not throttled." for route in existing if LIMITS - settings.get(route, {}).keys())
    yield from (f"{route} is throttled and does not exist." for route in settings if route not in existing)


def routes_are_answered_in_time(template: Template) -> Iterator[str]:
    """Require timeouts below API Gateway's, which answers in place of a slower function."""
    for route, function in routes(template).items():
        if of_type(template, FUNCTION).get(function, {}).get("Timeout", 3) >= API_LIMIT_SECONDS:
            yield f"{route} may take longer than API Gateway waits."


def schedules_are_expressions(template: Template) -> Iterator[str]:
    """Check schedules now: EventBridge Scheduler would refuse them only when the stack is created."""
    for name, schedule in of_type(template, "AWS::Scheduler::Schedule").items():
        expression = schedule.get("ScheduleExpression", "")
        if not (RATE.fullmatch(expression) or CRON.fullmatch(expression)):
            yield f"{name} has no valid schedule."
        if not schedule.get("Target", {}).get("DeadLetterConfig"):
            yield f"{name} drops what it cannot deliver."
