"""A warm process.

Each line on standard input is a number of calls to make; each is answered with one line of JSON. The handler and its
bare round trips take turns, call by call, so that both meet the same machine.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from time import perf_counter_ns
from typing import Any

from .lambda_context import Context

WARM_UP = 500

type Timed = Callable[[], object]


def main(handler: str, event_file: str, answers: str) -> None:
    """Warm up, report the round trips, then measure on demand.

    Args:
        handler: module and function, with dots.
        event_file: a file of JSON.
        answers: a file descriptor for what was measured.
    """
    call = _call(handler, json.loads(Path(event_file).read_text()))
    for _ in range(WARM_UP):
        call()
    peak = _peak_kib()
    # Imported after the memory has been looked at: it brings modules that a handler may not have, nor find.
    sys.path.append(os.environ.get("BENCH_CLIENTS", ""))
    from .trips import make_repeater, record_trips  # noqa: PLC0415 - see above

    with record_trips() as trips:
        answer = call()
    with open(int(answers), "w", buffering=1) as out:  # noqa: PTH123 - a descriptor has no path
        first = {"answer": answer, "trips": [trip.describe() for trip in trips], "peakKiB": peak}
        out.write(json.dumps(first) + "\n")
        out.writelines(json.dumps(measured) + "\n" for measured in _measure_blocks(call, make_repeater(trips)))


def _peak_kib() -> int:
    """Not ru_maxrss, which begins with the memory of the process that started this one."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def _call(handler: str, event: dict[str, Any]) -> Callable[[], object]:
    module, _, function = handler.rpartition(".")
    answer, context = getattr(import_module(module), function), Context()
    return lambda: answer(event, context)


def _measure_blocks(call: Timed, bare: Timed) -> Iterator[dict[str, list[int]]]:
    for line in sys.stdin:
        times: dict[str, list[int]] = {"handler": [], "bare": []}
        for _ in range(int(line)):
            for name, timed in (("handler", call), ("bare", bare)):
                begin = perf_counter_ns()
                timed()
                times[name].append(perf_counter_ns() - begin)
        yield times
