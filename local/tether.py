"""Runs a program that does not outlive its parent: `python tether.py <parent's pid> <program> <argument>...`.

A program of its own and not a `preexec_fn`, which may deadlock in a process that has threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2), Linux alone; elsewhere a killed parent leaves its services running


def tether(parent: int) -> None:
    """Ask the kernel to kill this process, and whatever it execs, when `parent` ends, however it ends."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the request was made
        sys.exit(1)


if __name__ == "__main__":
    tether(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - there is no shell to be had
