"""`make secrets` refuses what a function would refuse at its start."""

import base64
import json

import pytest
from cryptography.fernet import Fernet

from tools.put_secrets import ATTEMPTS, WrongSecret, _answer
from tools.secret_checks import problem


def legacy_key(role: str) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"role": role}).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{claims}.c2lnbmF0dXJl"


RIGHT = [
    ("directus#email", "search@acme.org"),
    ("directus#password", "any"),
    ("redis#url", "rediss://default:hush@redis.acme.org:6379"),
    ("redis#url", "redis://10.0.0.5:6379"),
    ("supabase#secretKey", "sb_secret_abcdefghijkl"),
    ("supabase#secretKey", legacy_key("service_role")),
    ("session#jwtSecret", "x" * 32),
    ("next#secret", "y" * 16),
    ("cookie#keys", f"{Fernet.generate_key().decode()},{Fernet.generate_key().decode()}"),
    ("north#email", "whatever-a-deployment-has"),
]

WRONG = [
    ("directus#email", "hush"),
    ("directus#password", "hush hush"),
    ("redis#url", "https://hush.upstash.io"),
    ("redis#url", "hush.upstash.io:6379"),
    ("redis#url", "redis://default:hush@hush.upstash.io:6379"),
    ("supabase#secretKey", "sb_publishable_hush_hush"),
    ("supabase#secretKey", "sb_secret_"),
    ("supabase#secretKey", legacy_key("anon")),
    ("supabase#secretKey", "https://hush.supabase.co"),
    ("supabase#secretKey", "eyJ.hush.hush"),
    ("session#jwtSecret", "hush"),
    ("session#jwtSecret", legacy_key("service_role")),
    ("session#jwtSecret", "sb_secret_" + "hush" * 8),
    ("next#secret", "hush"),
    ("cookie#keys", "hush"),
]


@pytest.mark.parametrize(("name", "value"), RIGHT, ids=[f"{name}-{number}" for number, (name, _) in enumerate(RIGHT)])
def test_what_can_be_right_is_taken(name: str, value: str) -> None:
    assert problem(name, value) is None


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_what_cannot_be_right_is_told_in_a_sentence_that_shows_nothing_of_it(name: str, value: str) -> None:
    message = problem(name, value)

    assert message
    assert message.endswith((".", "<port>"))
    assert "hush" not in message
    assert len(value) < 16 or value not in message


def test_a_publishable_key_is_told_from_a_secret_one() -> None:
    assert "publishable" in (problem("supabase#secretKey", "sb_publishable_abcdefgh") or "")


def test_one_is_asked_again_until_it_can_be_right() -> None:
    typed, asked = iter(["https://redis.acme.org", "rediss://redis.acme.org"]), list[str]()

    def ask(question: str) -> str:
        asked.append(question)
        return next(typed)

    assert _answer(ask, "redis#url", "Redis URL") == "rediss://redis.acme.org"
    assert asked[0] == "Redis URL: "
    assert asked[1].startswith("That is not a Redis URL")


def test_nothing_wrong_is_ever_stored() -> None:
    asked = list[str]()

    def ask(question: str) -> str:
        asked.append(question)
        return "wrong"

    with pytest.raises(WrongSecret, match="redis#url was not stored"):
        _answer(ask, "redis#url", "Redis URL")
    assert len(asked) == ATTEMPTS
