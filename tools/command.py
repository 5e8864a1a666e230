"""Run a command for an operator, who reads what goes wrong as a sentence."""

import sys
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError


class CommandError(Exception):
    """Why a command cannot do what it was asked to, in a sentence for a person."""


def run(command: Callable[..., None]) -> None:
    """Run a command with its arguments; if it fails, exit with only the reason."""
    try:
        command(*sys.argv[1:])
    except (CommandError, BotoCoreError, ClientError) as error:
        raise SystemExit(str(error)) from None
    except (EOFError, KeyboardInterrupt):
        raise SystemExit("\nStopped: what was not answered yet was not stored.") from None
