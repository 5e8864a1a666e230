"""`python -m local`: start the stack, say where it answers, and stop it on Ctrl-C."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

from local.description import Description
from local.gateway import GatewayError
from local.process import ServiceError
from local.screen import Screen
from local.stack import Options, run_stack
from local.state import AlreadyRunningError, State, is_free

HIGHEST_PORT = 65_535


def main() -> int:
    """Run the stack until a signal stops it.

    Returns:
        0 once it is stopped, 1 if it could not start.
    """
    options, screen = _options(), Screen(is_quiet=os.environ.get("QUIET") == "1")
    try:
        with options.state.lock():
            return _run(options, screen)
    except AlreadyRunningError:
        screen.show_failure(_already_running(options.state))
        return 1


def _run(options: Options, screen: Screen) -> int:
    if options.port and not is_free(options.port):
        screen.show_failure(
            f"Port {options.port} is taken by another program. Try another:  make dev PORT={options.port + 1}"
        )
        return 1
    failures: list[Exception] = []
    try:
        asyncio.run(_serve(options, screen))
    except* (ServiceError, GatewayError) as group:
        failures = list(_leaves(group))
    screen.show_failure(*map(str, failures))
    return 1 if failures else 0


async def _serve(options: Options, screen: Screen) -> None:
    serving = asyncio.create_task(_serve_until_cancelled(options, screen))

    def stop() -> None:
        if not serving.cancelling():  # a second Ctrl-C must not interrupt the services' shutdown
            serving.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    await asyncio.wait([serving])
    if not serving.cancelled():
        serving.result()


async def _serve_until_cancelled(options: Options, screen: Screen) -> None:
    options.state.begin()
    async with AsyncExitStack() as stack:
        with screen.show_spinner():
            description = await stack.enter_async_context(run_stack(options, screen.show_step, screen.show_request))
        screen.show_ready(description, _relative_path(options.state.stack_file))
        try:
            await asyncio.Event().wait()
        finally:
            screen.show_stopping()


def _already_running(state: State) -> str:
    try:
        return f"The stack is running already: {Description.read(state.stack_file).api}"
    except OSError:
        return "The stack is starting or stopping already, in another terminal."


def _options() -> Options:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("--port", type=_port, default=os.environ.get("PORT") or "3000", help="0 for a free one")
    parser.add_argument("--state", type=Path, default=State.default().folder, help="the folder of the stack's data")
    parser.add_argument("--template", type=Path, default=Options.template, help="the SAM template, or a build of it")
    parser.add_argument("--layer", type=Path, action="append", help="a folder of packages for every function")
    parser.add_argument("--python", default=Options.python, help="the functions' interpreter, with awslambdaric")
    parser.add_argument("--origin", action="append", help="a page that may call, such as http://localhost:5173")
    given = parser.parse_args()
    return Options(
        state=State(given.state.resolve()),
        port=given.port,
        template=given.template.resolve(),
        layers=[layer.resolve() for layer in given.layer or Options.layers],
        python=given.python,
        origins=given.origin or os.environ.get("ORIGINS", "").replace(",", " ").split() or Options.origins,
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is not a port: give a number from 0 to {HIGHEST_PORT}")
    return int(text)


def _leaves(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    for failure in group.exceptions:
        yield from _leaves(failure) if isinstance(failure, ExceptionGroup) else [failure]


def _relative_path(path: Path) -> str:
    return str(path.relative_to(Path.cwd(), walk_up=True))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # before the stack listens for it
        sys.exit(1)
