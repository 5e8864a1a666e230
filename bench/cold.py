"""Cold starts: from the start of a process to its first answer."""

from collections.abc import Mapping
from statistics import median
from time import perf_counter

from bench.children import checked, running
from bench.variants import NAMES, Name, Variant


def cold(programs: Mapping[Name, Variant], rounds: int) -> dict[Name, float]:
    """The median of so many cold starts of each program, in ms; they take turns, and who begins changes.

    Raises:
        BenchError: a program does not answer the request.
    """
    for name in NAMES:
        _once(programs[name])
    times: dict[Name, list[float]] = {name: [] for name in NAMES}
    for number in range(rounds):
        for place in range(len(NAMES)):
            name = NAMES[(number + place) % len(NAMES)]
            times[name].append(_once(programs[name]))
    return {name: median(taken) for name, taken in times.items()}


def _once(program: Variant) -> float:
    begin = perf_counter()
    with running(program, "first_answer") as child:
        answer = child.line()
        taken = perf_counter() - begin
    checked(answer)
    return taken * 1000
