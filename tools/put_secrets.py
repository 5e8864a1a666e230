"""Put this deployment's secrets into Secrets Manager: python -m tools.put_secrets [prefix [secret#key ...]].

Asks for each without showing it, and keeps what is there where nothing is typed. Keys of a secret that are not asked
for stay as they are. Given some keys, asks for these alone: `directus#password`, or a key of the deployment's own.
"""

import getpass
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
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
KEY: Final = re.compile(r"([A-Za-z0-9/_+=.-]+)#([^#\s]+)")

type Values = dict[str, str]
type Questions = Mapping[str, Mapping[str, str]]


class UnknownKey(Exception):
    """What was named is no key of a secret."""


def put_secrets(
    client: "SecretsManagerClient", prefix: str, ask: Callable[[str], str], questions: Questions = QUESTIONS
) -> list[str]:
    """Ask for every secret and store what was answered; the names of those that changed."""
    changed = []
    for name, keys in questions.items():
        answers = {key: answer for key, question in keys.items() if (answer := ask(f"{question}: ").strip())}
        if answers and store(client, f"{prefix}/{name}", answers):
            changed.append(name)
    if read(client, f"{prefix}/cookie") is None:
        store(client, f"{prefix}/cookie", {"keys": Fernet.generate_key().decode()})
        changed.append("cookie")
    return changed


def questions_for(keys: Sequence[str]) -> Questions:
    """What to ask for the keys of secrets, each such as `directus#password`.

    Raises:
        UnknownKey: one is not written so.
    """
    found: dict[str, dict[str, str]] = {}
    for each in keys:
        match = KEY.fullmatch(each)
        if match is None:
            raise UnknownKey(f"{each} is not written as <secret>#<key>, such as directus#password.")
        name, key = match.groups()
        found.setdefault(name, {})[key] = QUESTIONS.get(name, {}).get(key, each)
    return found


def store(client: "SecretsManagerClient", name: str, values: Values) -> bool:
    """Write some keys of a secret, and make it where there is none; whether anything has changed."""
    before = read(client, name)
    text = json.dumps((before or {}) | values)
    if before is None:
        client.create_secret(Name=name, SecretString=text)
    elif text != json.dumps(before):
        client.put_secret_value(SecretId=name, SecretString=text)
    return before is None or text != json.dumps(before)


def read(client: "SecretsManagerClient", name: str) -> Values | None:
    """A secret's keys; None where there is no such secret."""
    try:
        values: Values = json.loads(client.get_secret_value(SecretId=name)["SecretString"])
    except client.exceptions.ResourceNotFoundException:
        return None
    return values


def main(prefix: str = "petition", *keys: str) -> None:
    """Ask on the terminal, and say what was stored."""
    questions = questions_for(keys) if keys else QUESTIONS
    changed = put_secrets(boto3.client("secretsmanager"), prefix, getpass.getpass, questions)
    sys.stdout.write(f"Stored: {', '.join(f'{prefix}/{name}' for name in changed) or 'nothing'}\n")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except UnknownKey as error:
        raise SystemExit(str(error)) from None
