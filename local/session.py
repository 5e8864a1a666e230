"""`python -m local.session`: sign in to the running stack, and print what a shell needs to call it.

For `eval "$(make -s session)"`, after which $TOKEN is valid for an hour.
"""

import argparse
import shlex
import sys

import httpx

from local.description import Description, UserAccess
from local.project import AuthError, sign_in
from local.state import State


def access_token(stack: Description, user: UserAccess) -> str:
    """Sign in as a browser does, and return a new access token."""
    return sign_in(stack.supabase.url, stack.supabase.publishable_key, user.email, user.password)[1]


def exports(stack: Description, user: UserAccess) -> str:
    """Sign in, and return the `export` lines with which a shell can call the stack."""
    values = {
        "API": stack.api,
        "TOKEN": access_token(stack, user),
        "CAMPAIGN": stack.campaign.id,
        "VOTER": stack.campaign.signed_voter_id,
        "CHART": stack.chart.id,
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


def main() -> int:
    """Print `export` lines.

    Returns:
        1 if no stack is running, 0 otherwise.
    """
    parser = argparse.ArgumentParser(prog="python -m local.session", description=__doc__)
    parser.add_argument("user", nargs="?", choices=("organizer", "viewer"), default="organizer")
    user = parser.parse_args().user
    try:
        stack = Description.read(State.default().stack_file)
    except OSError:
        return report_failure("The stack is not running: start it with  make dev  and wait for Ready.")
    try:
        lines = exports(stack, getattr(stack.users, user))
    except (AuthError, httpx.HTTPError):
        return report_failure("Supabase does not answer: stop the stack (Ctrl-C) and start it again with  make dev")
    sys.stdout.write(lines)
    return 0


def report_failure(sentence: str) -> int:
    """Print what went wrong.

    Returns:
        1, the program's exit status.
    """
    sys.stderr.write(f"{sentence}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
