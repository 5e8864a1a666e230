"""Checks of secrets before they are stored: with a wrong one, a function would fail for every caller.

Each check returns a sentence that says what is wrong and shows nothing of what was typed.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from typing import Final

from cryptography.fernet import Fernet

from petition.clients.redis import RedisUrl

type Check = Callable[[str], str | None]

JWT: Final = re.compile(r"ey[\w-]+\.([\w-]+)\.[\w-]*")
# https://supabase.com/docs/guides/api/api-keys
SECRET_KEY: Final = re.compile(r"sb_secret_[A-Za-z0-9_-]{8,}")
# RFC 7518, 3.2: as long as the hash.
JWT_SECRET_CHARACTERS: Final = 32
SHORTEST_SHARED_SECRET: Final = 16


def problem(name: str, value: str) -> str | None:
    """Check the value of a key such as `redis#url`.

    Returns:
        what is wrong with it; None if nothing is, or if the key is unknown.
    """
    if re.search(r"\s", value):
        return f"{name} holds a blank or a line break."
    check = CHECKS.get(name)
    return check(value) if check else None


def _email(value: str) -> str | None:
    return None if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) else "That is not an e-mail address."


def _redis_url(value: str) -> str | None:
    try:
        RedisUrl(value)
    except ValueError:
        return "That is not a Redis URL, or it has a password and no TLS: rediss://default:<password>@<host>:<port>"
    return None


def _supabase_key(value: str) -> str | None:
    if value.startswith("sb_publishable_"):
        return "That is the publishable key, which browsers get. The secret key begins with sb_secret_."
    if SECRET_KEY.fullmatch(value) or _role(value) == "service_role":
        return None
    if _role(value):
        return "That is a legacy key of another role than service_role."
    return "That is not a secret key of Supabase, which begins with sb_secret_."


def _role(value: str) -> str | None:
    """Return the role that a legacy API key, which is a JWT, holds."""
    match = JWT.fullmatch(value)
    if match is None:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4)))
    except (binascii.Error, ValueError):
        return None
    return str(claims.get("role")) if isinstance(claims, dict) else None


def _jwt_secret(value: str) -> str | None:
    if JWT.fullmatch(value) or value.startswith("sb_"):
        return "That is an API key, not the secret that sessions are signed with."
    if len(value) < JWT_SECRET_CHARACTERS:
        return f"A JWT secret has {JWT_SECRET_CHARACTERS} characters or more."
    return None


def _shared_secret(value: str) -> str | None:
    if len(value) < SHORTEST_SHARED_SECRET:
        return f"A secret that two programs share has {SHORTEST_SHARED_SECRET} characters or more."
    return None


def _fernet_keys(value: str) -> str | None:
    try:
        for key in value.split(","):
            Fernet(key)
    except (binascii.Error, ValueError):
        return "Those are not comma-separated Fernet keys."
    return None


CHECKS: Final[Mapping[str, Check]] = {
    "directus#email": _email,
    "redis#url": _redis_url,
    "supabase#secretKey": _supabase_key,
    "session#jwtSecret": _jwt_secret,
    "next#secret": _shared_secret,
    "cookie#keys": _fernet_keys,
}
