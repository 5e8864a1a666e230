"""Replace the key that seals cookies, a step at a time: python -m tools.cookie_keys add|turn|drop [prefix].

Processes of two releases run side by side for a while, so that a key must be known to all before one seals with it, and
stay known until no cookie is left that it has sealed. No key is shown.
"""

import sys
from typing import TYPE_CHECKING, Final

import boto3
from cryptography.fernet import Fernet

from tools.secrets_manager import CommandError, read, run, store

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

STEPS: Final = {
    "add": "The new key opens cookies. Now: make deploy RELEASE=<a new name>, then make cookie-keys STEP=turn",
    "turn": "The new key seals. Now: make deploy RELEASE=<a new name>, and an hour later make cookie-keys STEP=drop",
    "drop": "The old key is gone. Now: make deploy RELEASE=<a new name>",
}
"""The steps in their order, with what is to be done after each."""


class StepError(CommandError):
    """Why a step cannot be taken, in a sentence for a person."""


def take(step: str, client: "SecretsManagerClient", prefix: str) -> None:
    """Take one step of a rotation.

    Raises:
        StepError: it is not this step's turn, or there is no key yet.
    """
    name = f"{prefix}/cookie"
    values = read(client, name)
    if values is None:
        raise StepError(f"{name} was not found: make secrets makes the first key.")
    if step != (turn := _after(values.get("step"))):
        raise StepError(f"The step must be {turn}.")
    keys = _changed(step, values["keys"].split(","))
    store(client, name, {"keys": ",".join(keys), "step": step})


def _after(step: str | None) -> str:
    """The step that follows one; a rotation that is done, or was never begun, begins."""
    steps = [*STEPS]
    return steps[(steps.index(step) + 1) % len(steps)] if step in STEPS else steps[0]


def _changed(step: str, keys: list[str]) -> list[str]:
    match step:
        case "add":
            return [*keys, Fernet.generate_key().decode()]
        case "turn":
            return [keys[-1], *keys[:-1]]
        case _:
            return keys[:1]


def main(step: str = "", prefix: str = "petition") -> None:
    """Take the step, and say what comes next."""
    take(step, boto3.client("secretsmanager"), prefix)
    sys.stdout.write(f"{STEPS[step]}\n")


if __name__ == "__main__":
    run(main)
