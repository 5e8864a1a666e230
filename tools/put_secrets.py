"""Put an environment's secrets into Secrets Manager: python -m tools.put_secrets staging [secret#key ...].

Asks for each without showing it, asks again if the value cannot be right, and keeps the old value if nothing is typed.
Other keys of a secret stay as they are. Given some keys, asks only for these: `directus#password`, or a key of the
deployment's own.
"""

import getpass
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import boto3
from cryptography.fernet import Fernet

from tools.account import check_account
from tools.command import CommandError, run
from tools.environment import load
from tools.secret_checks import problem
from tools.secrets_manager import read, store

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

QUESTIONS: Final = {
    "directus": {"email": "E-mail of the Directus user that searches", "password": "Its password"},
    "directus-keys": {
        "email": "E-mail of the Directus user that fills search keys, where SearchKeysScheduleState is ENABLED",
        "password": "Password of that user",
    },
    "redis": {"url": "Redis URL, rediss://default:<password>@<host>:<port>"},
    "supabase": {"secretKey": "Supabase secret key, sb_secret_..."},
    "session": {"jwtSecret": "Legacy JWT secret, where SupabaseSharedSecret is true"},
    "next": {"secret": "Secret of the frontend's revalidation handler, where NextRevalidateUrl is set"},
}
KEY: Final = re.compile(r"([A-Za-z0-9/_+=.-]+)#([^#\s]+)")

type Questions = Mapping[str, Mapping[str, str]]


ATTEMPTS: Final = 3


class WrongSecret(CommandError):
    """The typed value cannot be right."""


class UnknownKey(CommandError):
    """The text does not name a secret's key."""


def put_secrets(
    client: "SecretsManagerClient", prefix: str, ask: Callable[[str], str], questions: Questions = QUESTIONS
) -> list[str]:
    """Ask for every secret and store the answers.

    Returns:
        the names of the secrets that changed.
    """
    has_cookie_keys = read(client, f"{prefix}/cookie") is not None  # also checks the credentials before anybody types
    changed = []
    for name, keys in questions.items():
        answered = ((key, _answer(ask, f"{name}#{key}", question)) for key, question in keys.items())
        answers = {key: answer for key, answer in answered if answer}
        if answers and store(client, f"{prefix}/{name}", answers):
            changed.append(name)
    if not has_cookie_keys:
        store(client, f"{prefix}/cookie", {"keys": Fernet.generate_key().decode()})
        changed.append("cookie")
    return changed


def _answer(ask: Callable[[str], str], name: str, question: str) -> str:
    """Ask until the typed value can be right.

    Returns:
        the value; "" if nothing was typed.

    Raises:
        WrongSecret: it was wrong three times.
    """
    asked = f"{question}: "
    for _ in range(ATTEMPTS):
        answer = ask(asked).strip()
        wrong = problem(name, answer) if answer else None
        if wrong is None:
            return answer
        asked = f"{wrong} {question}: "
    raise WrongSecret(f"{name} was not stored, and neither was what comes after it.")


def questions_for(keys: Sequence[str]) -> Questions:
    """Return what to ask for some keys of secrets, each such as `directus#password`.

    Raises:
        UnknownKey: one has another form.
    """
    found: dict[str, dict[str, str]] = {}
    for each in keys:
        match = KEY.fullmatch(each)
        if match is None:
            raise UnknownKey(f"{each} is not written as <secret>#<key>, such as directus#password.")
        name, key = match.groups()
        found.setdefault(name, {})[key] = QUESTIONS.get(name, {}).get(key, each)
    return found


def main(name: str = "", *keys: str) -> None:
    """Ask on the terminal, and say what was stored."""
    questions = questions_for(keys) if keys else QUESTIONS
    environment = load(name)
    check_account(environment)
    prefix = environment.stack
    changed = put_secrets(boto3.client("secretsmanager"), prefix, getpass.getpass, questions)
    sys.stdout.write(f"Stored: {', '.join(f'{prefix}/{name}' for name in changed) or 'nothing'}\n")


if __name__ == "__main__":
    run(main)
