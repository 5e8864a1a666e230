"""Replace the key that seals cookies, a step at a time: python -m tools.cookie_keys staging add|turn|drop [force].

Processes of two releases run side by side for a while, so all must know a key before one seals with it, and they must
keep it until no cookie sealed with it is left. No key is shown.
"""

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import boto3
from cryptography.fernet import Fernet

from petition.clients import directus_token
from tools.account import check_account
from tools.command import CommandError, run
from tools.environment import load
from tools.secrets_manager import Values, read, store

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

COOKIE_LIFE: Final = timedelta(seconds=directus_token.SECONDS)
STEPS: Final = {
    "add": "The new key opens cookies. Deploy with a RELEASE of its own, then take STEP=turn.",
    "turn": "The new key seals. Deploy with a RELEASE of its own, and an hour after that take STEP=drop.",
    "drop": "The old key is gone. Deploy with a RELEASE of its own.",
}
"""The steps in their order, with what is to be done after each."""


class StepError(CommandError):
    """Why a step cannot be taken, in a sentence for a person."""


def take(step: str, client: "SecretsManagerClient", prefix: str, *, force: bool = False) -> None:
    """Take one step of a rotation. `force` takes the last one without waiting for the old key's cookies to expire.

    Raises:
        StepError: another step is due, it is too early, or there is no key yet.
    """
    name = f"{prefix}/cookie"
    values = read(client, name)
    if values is None or not values.get("keys"):
        raise StepError(f"{name} holds no key: make secrets makes the first one.")
    if step != (turn := _after(values.get("step"))):
        raise StepError(f"The step must be {turn}.")
    if step == "drop" and not force:
        _wait_for_cookies(values)
    keys = _change_keys(step, values["keys"].split(","))
    store(client, name, {"keys": ",".join(keys), "step": step, "takenAt": datetime.now(UTC).isoformat()})


def _wait_for_cookies(values: Values) -> None:
    """Refuse to drop a key that still opens cookies.

    Raises:
        StepError: the key is still needed; the message says for how long.
    """
    if "takenAt" not in values:
        raise StepError("When the new key began to seal is not known. An hour after that, take the step with FORCE=1.")
    left = COOKIE_LIFE - (datetime.now(UTC) - datetime.fromisoformat(values["takenAt"]))
    if left > timedelta():
        minutes = -(-left // timedelta(minutes=1))
        raise StepError(f"Cookies of the old key live for {minutes} more minutes. FORCE=1 drops it all the same.")


def _after(step: str | None) -> str:
    """Return the step that follows. After the last one, or none, a new rotation begins."""
    steps = [*STEPS]
    return steps[(steps.index(step) + 1) % len(steps)] if step in STEPS else steps[0]


def _change_keys(step: str, keys: list[str]) -> list[str]:
    match step:
        case "add":
            return [*keys, Fernet.generate_key().decode()]
        case "turn":
            return [keys[-1], *keys[:-1]]
        case _:
            return keys[:1]


def main(name: str = "", step: str = "", force: str = "") -> None:
    """Take the step, and say what comes next."""
    environment = load(name)
    check_account(environment)
    take(step, boto3.client("secretsmanager"), environment.stack, force=bool(force))
    sys.stdout.write(f"{STEPS[step]}\n")


if __name__ == "__main__":
    run(main)
