"""Secrets Manager for the commands that fill it: a secret's keys, and what goes wrong as a sentence for a person."""

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

type Values = dict[str, str]


class CommandError(Exception):
    """Why a command cannot do what it was asked to, in a sentence for a person."""


def run(command: Callable[..., None]) -> None:
    """Run a command with its arguments; if it fails, exit with only the reason."""
    try:
        command(*sys.argv[1:])
    except (CommandError, BotoCoreError, ClientError) as error:
        raise SystemExit(str(error)) from None
    except (EOFError, KeyboardInterrupt):
        raise SystemExit("\nStopped: what was not answered yet was not stored.") from None


def read(client: "SecretsManagerClient", name: str) -> Values | None:
    """A secret's keys; None where there is no such secret.

    Raises:
        CommandError: it holds something else, which is not shown.
    """
    try:
        values = json.loads(client.get_secret_value(SecretId=name).get("SecretString", ""))
    except client.exceptions.ResourceNotFoundException:
        return None
    except ValueError:
        values = None
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise CommandError(
            f"{name} must hold a JSON object of strings: mend it in Secrets Manager, or delete it there."
        )
    return values


def store(client: "SecretsManagerClient", name: str, values: Values) -> bool:
    """Write some keys of a secret, which is created if needed; whether anything has changed."""
    before = read(client, name)
    text = json.dumps((before or {}) | values)
    if before is None:
        client.create_secret(Name=name, SecretString=text)
    elif text != json.dumps(before):
        client.put_secret_value(SecretId=name, SecretString=text)
    return before is None or text != json.dumps(before)
