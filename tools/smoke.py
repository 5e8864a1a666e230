"""Try every route of a deployment: python -m tools.smoke staging, or `local` for the running stack.

A stranger must get 401 from each route, and a session 200. SMOKE_TOKEN is a session (an access token of the project),
or SMOKE_EMAIL, SMOKE_PASSWORD and SMOKE_KEY (the publishable key) sign in. SMOKE_CAMPAIGN, SMOKE_VOTER and SMOKE_CHART
name what to ask for. `local` needs none of them. Only that chart is changed.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from http import HTTPStatus

import httpx

from local.description import Description
from local.project import AuthError
from local.session import access_token
from local.state import State
from tools import deployed
from tools.command import CommandError, run
from tools.environment import load
from tools.parameters import check_parameters
from tools.smoke_checks import Target, route_faults
from tools.template import read_template

LOCAL = "local"


class SmokeError(CommandError):
    """The deployment does not work: one sentence a line."""


def target_of(name: str, environ: Mapping[str, str]) -> Target:
    """Return what to try.

    Raises:
        CommandError: nothing of that name is running.
    """
    return _local_target() if name == LOCAL else _deployed_target(name, environ)


def _local_target() -> Target:
    state = State.default()
    try:
        stack = Description.read(state.stack_file)
    except OSError:
        raise SmokeError("The stack is not running: start it with  make dev") from None
    try:
        token = access_token(stack, stack.users.organizer)
    except (AuthError, httpx.HTTPError):
        raise SmokeError("The stack does not answer: stop it (Ctrl-C) and start it again with  make dev") from None
    return Target(
        api=stack.api,
        log="make dev's .local/logs/{function}.log",
        token=token,
        campaign=stack.campaign.id,
        voter=stack.campaign.signed_voter_id,
        chart=stack.chart.id,
    )


def _deployed_target(name: str, environ: Mapping[str, str]) -> Target:
    environment = load(name)
    values = check_parameters(environment, read_template())
    return Target(
        api=deployed.outputs(environment.stack)["ApiUrl"],
        log=f"make logs ENV={name} F={{function}}",
        token=_token(values["SupabaseUrl"], environ),
        campaign=environ.get("SMOKE_CAMPAIGN"),
        voter=environ.get("SMOKE_VOTER"),
        chart=environ.get("SMOKE_CHART"),
        open_to_all={
            path
            for path, parameter in {
                "/api/essearch-common": "AllowAnonymousSearch",
                "/api/duplicate": "AllowAnonymousDuplicate",
            }.items()
            if values[parameter].lower() == "true"
        },
    )


def _token(supabase: str, environ: Mapping[str, str]) -> str | None:
    if given := environ.get("SMOKE_TOKEN"):
        return given
    if not environ.get("SMOKE_EMAIL"):
        return None
    # Not through `local.project`, which trusts no certificate authority: it calls only this machine.
    try:
        answer = httpx.post(
            f"{supabase.rstrip('/')}/auth/v1/token",
            params={"grant_type": "password"},
            headers={"apikey": environ["SMOKE_KEY"]},
            json={"email": environ["SMOKE_EMAIL"], "password": environ["SMOKE_PASSWORD"]},
        )
    except KeyError as error:
        raise SmokeError(f"{error.args[0]} is not set.") from None
    except httpx.HTTPError:
        raise SmokeError("Supabase does not answer.") from None
    if answer.status_code != HTTPStatus.OK:
        raise SmokeError(f"Supabase does not let SMOKE_EMAIL sign in: {answer.status_code}.")
    try:
        token: str = answer.json()["access_token"]
    except (ValueError, KeyError, TypeError):
        raise SmokeError("What answers at SupabaseUrl is not a Supabase project.") from None
    return token


def _version_faults(name: str) -> Iterator[str]:
    if name == LOCAL:  # it runs the sources as they are
        return
    stack = load(name).stack
    yield from deployed.version_faults(deployed.functions(stack), deployed.outputs(stack)["Release"])


def main(name: str = "") -> None:
    """Try it, and say what works and what does not."""
    target = target_of(name, os.environ)
    faults = [*_version_faults(name), *route_faults(target, sys.stdout.write)]
    if faults:
        raise SmokeError("\n".join(faults))
    if target.token is None:
        sys.stdout.write("Tried only as a stranger: SMOKE_TOKEN holds no session.\n")


if __name__ == "__main__":
    run(main)
