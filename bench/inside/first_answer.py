"""One cold start."""

import json
import os
from importlib import import_module

from .lambda_context import Context


def main(handler: str, event_file: str, answers: str) -> None:
    """Import the handler, have it answer, and hand on what it said.

    Args:
        handler: module and function, with dots.
        event_file: a file of JSON.
        answers: a file descriptor.
    """
    module, _, function = handler.rpartition(".")
    answer = getattr(import_module(module), function)
    with open(event_file) as file:  # noqa: PTH123 - pathlib would be an import that the measured program may not have
        event = json.load(file)
    os.write(int(answers), json.dumps(answer(event, Context())).encode() + b"\n")
