"""Read and write a secret's keys in Secrets Manager."""

import json
from typing import TYPE_CHECKING

from tools.command import CommandError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

type Values = dict[str, str]


def read(client: "SecretsManagerClient", name: str) -> Values | None:
    """Read a secret's keys.

    Returns:
        the value of each key; None if the secret does not exist.

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
        raise CommandError(f"{name} must hold a JSON object of strings: fix it in Secrets Manager, or delete it there.")
    return values


def store(client: "SecretsManagerClient", name: str, values: Values) -> bool:
    """Write some keys of a secret, and create it if needed.

    Returns:
        whether anything has changed.
    """
    before = read(client, name)
    text = json.dumps((before or {}) | values)
    if before is None:
        client.create_secret(Name=name, SecretString=text)
    elif text != json.dumps(before):
        client.put_secret_value(SecretId=name, SecretString=text)
    return before is None or text != json.dumps(before)
