"""How much a run of tests tries of what is made up by chance: TIMES=10 tries ten times as much as usual."""

import os

TIMES = int(os.environ.get("TIMES", "1"))


def times(usual: int) -> int:
    """So many cases in this run, for what is usually tried so many times."""
    return usual * TIMES
