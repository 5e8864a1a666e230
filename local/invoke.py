"""`python -m local.invoke RefreshFunction [event.json]`: invoke a function in the environment of the running stack.

This is what a schedule does in a deployment. The function runs in a process of its own, as in the stack, and its answer
is printed.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx

from local.description import Description
from local.gateway import FunctionError, Gateway, GatewayConfig
from local.session import access_token, report_failure
from local.stack import Options
from local.state import State


async def invoke(options: Options, function: str, event: object) -> object:
    """Invoke a function with an event, and return its answer.

    Raises:
        OSError: no stack is running.
        KeyError: the template has no such function.
        FunctionError: the invocation failed.
    """
    environment: dict[str, str] = json.loads(options.state.environment_file.read_text())
    config = GatewayConfig(template=options.template, layers=options.layers, environment={"*": environment})
    async with Gateway(config) as gateway:
        return await gateway.invoke(function, event)


def main() -> int:
    """Print the answer.

    Returns:
        1 if there is no answer, 0 otherwise.
    """
    parser = argparse.ArgumentParser(prog="python -m local.invoke", description=__doc__)
    parser.add_argument("function", help="the function's logical id in the template")
    parser.add_argument("event", type=Path, nargs="?", help="a JSON file; without it, the event is empty")
    given = parser.parse_args()
    try:
        event = json.loads(given.event.read_text()) if given.event else {}
    except (OSError, ValueError) as error:
        return report_failure(f"{given.event} is not a JSON file: {error}")
    try:
        answer = asyncio.run(invoke(Options(State.default()), given.function, _sign_in(event)))
    except (OSError, httpx.HTTPError):
        return report_failure("The stack is not running: start it with  make dev")
    except KeyError:
        return report_failure(f"The template has no function {given.function}.")
    except FunctionError as error:
        return report_failure(f"{given.function} failed: {error}")
    sys.stdout.write(f"{json.dumps(answer, indent=2)}\n")
    return 0


def _sign_in(event: dict[str, Any]) -> dict[str, Any]:
    """Replace the session of an HTTP event, if it has one, by the organizer's."""
    if "authorization" not in event.get("headers", {}):
        return event
    stack = Description.read(State.default().stack_file)
    token = access_token(stack, stack.users.organizer)
    return event | {"headers": event["headers"] | {"authorization": f"Bearer {token}"}}


if __name__ == "__main__":
    sys.exit(main())
