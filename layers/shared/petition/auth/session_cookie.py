"""The access token in the cookies that `@supabase/ssr` writes.

They hold the session as JSON: plain, or `base64-` and base64url; in one cookie, or in chunks of 3180 characters named
`<name>.0`, `<name>.1` and so on; URL-encoded or not.
https://github.com/supabase/ssr/blob/main/src/utils/chunker.ts
"""

import base64
import json
from collections.abc import Iterator, Mapping
from itertools import count, takewhile
from urllib.parse import unquote

import msgspec
from msgspec import Struct

# API Gateway takes 10,240 bytes of headers in all. More can only be an attempt to keep us busy.
MAX_CHARACTERS = 10_240
BASE64_PREFIX = "base64-"
_JSON = json.JSONDecoder()


class _StoredSession(Struct):
    access_token: str


def read_access_token(cookies: Mapping[str, str], name: str) -> str | None:
    """Return the access token of the session stored under a name; None if it is missing or cannot be read.

    An unchunked cookie wins over chunks, as in `@supabase/ssr`.
    """
    stored = cookies.get(name) or "".join(_read_chunks(cookies, name))
    if not stored or len(stored) > MAX_CHARACTERS:
        return None
    try:
        return msgspec.convert(_read_first_json(_decode(unquote(stored))), _StoredSession).access_token
    except (ValueError, RecursionError):
        return None


def _read_chunks(cookies: Mapping[str, str], name: str) -> Iterator[str]:
    return takewhile(bool, (cookies.get(f"{name}.{number}", "") for number in count()))


def _decode(stored: str) -> str:
    if not stored.startswith(BASE64_PREFIX):
        return stored
    digits = stored.removeprefix(BASE64_PREFIX).rstrip("=")
    # Cut to whole bytes: chunks of an older session can follow and leave one digit too many.
    digits = digits[: len(digits) - (len(digits) % 4 == 1)]
    return base64.urlsafe_b64decode(digits + "=" * (-len(digits) % 4)).decode(errors="replace")


def _read_first_json(text: str) -> object:
    """Return the JSON value that a text begins with; the rest of an older, longer session may follow it."""
    value: object
    value, _ = _JSON.raw_decode(text)
    return value
