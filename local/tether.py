"""Run a program that does not outlive its parent: `python tether.py <parent's pid> <user> <program> <argument>...`.

The user is empty if the program runs as this one. This is a program of its own, because a `preexec_fn` may deadlock in
a process that has threads.
"""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Sequence

# prctl(2) and capset(2), only on Linux; elsewhere a killed parent leaves its services running
PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP = 28, 1 << 2
PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 47, 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522


type Words = Sequence[str | os.PathLike[str]]  # not `pathlib`, whose import would delay every function's start


def tether_command(arguments: Words, user: str | None = None) -> Words:
    """Return the command that runs a program until this process ends, as `user` if one is named."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), user or "", *arguments]


def tether(parent: int) -> None:
    """Ask the kernel to kill this process, and whatever it execs, when `parent` ends, however it ends."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the request was made
        sys.exit(1)


def become(user: str) -> None:
    """Run as another user, who may still enter this one's folders, in which the program and its data lie."""
    account, libc = pwd.getpwnam(user), ctypes.CDLL(None)
    linux = sys.platform.startswith("linux")
    if linux:
        # or capabilities end with root, and access(2), which initdb asks, would not count them
        libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    if linux:
        _keep_access(libc)


def _keep_access(libc: ctypes.CDLL) -> None:
    """Keep the one capability over `exec`. If the system does not grant it, the program cannot read its files."""
    access = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    effective_permitted_inheritable = (ctypes.c_uint32 * 6)(access, access, access, 0, 0, 0)
    libc.capset(header, effective_permitted_inheritable)
    libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


if __name__ == "__main__":
    if sys.argv[2]:
        become(sys.argv[2])
    tether(int(sys.argv[1]))  # after the change of user, which cancels it
    os.execv(sys.argv[3], sys.argv[3:])  # noqa: S606 - there is no shell to be had
