"""Put this deployment's secrets into Secrets Manager: python -m tools.put_secrets [prefix].

Asks for each without showing it, and keeps what is there where nothing is typed. Keys of a secret
that are not asked for here stay as they are.
"""

import getpass
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import boto3
from cryptography.fernet import Fernet

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

QUESTIONS: Final = {
    "directus": {"email": "E-mail of the Directus user that searches", "password": "Its password"},
    "redis": {"url": "Redis URL, rediss://default:<password>@<host>:<port>"},
    "supabase": {"secretKey": "Supabase secret key, sb_secret_..."},
    "session": {"jwtSecret": "Legacy JWT secret, where SupabaseSharedSecret is true"},
    "next": {"secret": "Secret of the frontend's revalidation handler, where NextRevalidateUrl is set"},
}

type Values = dict[str, str]


def put_secrets(client: "SecretsManagerClient", prefix: str, ask: Callable[[str], str]) -> list[str]:
    """Ask for every secret and store what was answered; the names of those that changed."""
    changed = []
    for name, questions in QUESTIONS.items():
        answers = {key: answer for key, question in questions.items() if (answer := ask(f"{question}: ").strip())}
        if answers and _store(client, f"{prefix}/{name}", answers):
            changed.append(name)
    if _read(client, f"{prefix}/cookie") is None:
        _store(client, f"{prefix}/cookie", {"keys": Fernet.generate_key().decode()})
        changed.append("cookie")
    return changed


def _store(client: "SecretsManagerClient", name: str, values: Values) -> bool:
    before = _read(client, name)
    text = json.dumps((before or {}) | values)
    if before is None:
        client.create_secret(Name=name, SecretString=text)
    elif text != json.dumps(before):
        client.put_secret_value(SecretId=name, SecretString=text)
    return before is None or text != json.dumps(before)


def _read(client: "SecretsManagerClient", name: str) -> Values | None:
    try:
        values: Values = json.loads(client.get_secret_value(SecretId=name)["SecretString"])
    except client.exceptions.ResourceNotFoundException:
        return None
    return values


def main(prefix: str = "petition") -> None:
    """Ask on the terminal, and say what was stored."""
    changed = put_secrets(boto3.client("secretsmanager"), prefix, getpass.getpass)
    sys.stdout.write(f"Stored: {', '.join(f'{prefix}/{name}' for name in changed) or 'nothing'}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
