"""Runs a program as another user, and not longer than its parent: `python as_user.py <parent> <user> <program> ...`.

PostgreSQL refuses to run as root, which is what a container's shell mostly is.
"""

import os
import pwd
import sys

from local import tether

if __name__ == "__main__":
    user = pwd.getpwnam(sys.argv[2])
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    tether.tether(int(sys.argv[1]))  # after the change of user, which cancels it
    os.execv(sys.argv[3], sys.argv[3:])  # noqa: S606  # to run what it is given is all that this does
