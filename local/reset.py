"""`python -m local.reset`: delete the stack's data, secrets, ports and logs."""

import shutil
import sys

from local.session import report_failure
from local.state import AlreadyRunningError, State


def main() -> int:
    """Forget it.

    Returns:
        1 while the stack is running, 0 otherwise.
    """
    state = State.default()
    try:
        with state.lock():
            forget(state)
    except AlreadyRunningError:
        return report_failure("The stack is running: stop it first, with Ctrl-C in its terminal.")
    sys.stdout.write("The local stack's data, secrets and logs are gone:  make dev  makes new ones.\n")
    return 0


def forget(state: State) -> None:
    """Delete what the stack keeps. What the tests keep beside it stays."""
    state.begin()
    shutil.rmtree(state.folder / "data", ignore_errors=True)
    for name in ("secrets.json", "ports.json"):
        (state.folder / name).unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
