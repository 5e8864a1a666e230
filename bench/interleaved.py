"""Ways of doing one thing, timed in turn, so that all of them meet the same machine."""

import statistics
import time
from collections.abc import Callable, Sequence


def time_interleaved(ways: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """The median time of each way over so many rounds, in ms."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for taken, way in zip(times, ways, strict=True):
            begin = time.perf_counter()
            way()
            taken.append((time.perf_counter() - begin) * 1000)
    return [statistics.median(taken) for taken in times]
