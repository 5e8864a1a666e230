"""The processor time of a handler: up to its first answer, and of a warm call after that."""

import json
import os
from importlib import import_module
from time import perf_counter, process_time

from .lambda_context import Context

WARM_UP, CALLS = 100, 300


def main(handler: str, event_file: str, answers: str) -> None:
    """Answer once, then again and again; print the times in ms and the last answer."""
    module, _, function = handler.rpartition(".")
    answer = getattr(import_module(module), function)
    with open(event_file) as file:  # noqa: PTH123 - as in a cold start
        event = json.load(file)
    said = answer(event, Context())
    cold = process_time()
    for _ in range(WARM_UP):
        answer(event, Context())
    began, busy = perf_counter(), process_time()
    for _ in range(CALLS):
        said = answer(event, Context())
    busy, whole = process_time() - busy, perf_counter() - began
    each = {"cold": cold * 1000, "warm": busy / CALLS * 1000, "wait": (whole - busy) / CALLS * 1000}
    os.write(int(answers), json.dumps({"answer": said, **each}).encode() + b"\n")
