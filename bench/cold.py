"""Cold starts: from the start of a process to its first answer."""

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter

from bench.children import check_answer, run_child
from bench.variants import Variant


def measure_cold_starts[Name: str](
    programs: Mapping[Name, Variant], rounds: int, *, before: Callable[[], object] = lambda: None
) -> dict[Name, float]:
    """The median cold start of each program, in ms; they take turns, and a different one begins each round.

    Args:
        programs: what is started.
        rounds: how often each.
        before: done before each start, and not counted.

    Raises:
        BenchError: a program does not answer the request.
    """
    names = list(programs)
    times: dict[Name, list[float]] = {name: [] for name in names}
    for number in range(-1, rounds):  # the first round warms the machine's caches up, and is not counted
        for place in range(len(names)):
            name = names[(number + place) % len(names)]
            before()
            taken = _once(programs[name])
            if number >= 0:
                times[name].append(taken)
    return {name: median(taken) for name, taken in times.items()}


def _once(program: Variant) -> float:
    begin = perf_counter()
    with run_child(program, "first_answer") as child:
        answer = child.line()
        taken = perf_counter() - begin
    check_answer(answer)
    return taken * 1000
