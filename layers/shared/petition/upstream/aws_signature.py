"""AWS Signature Version 4, for the only kind of request sent here: a JSON call, POST to `/`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import reduce
from typing import NamedTuple

ALGORITHM = "AWS4-HMAC-SHA256"


class AwsCredentials(NamedTuple):
    """An AWS key pair. Temporary credentials, as a Lambda function has them, come with a session token."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        """Show the id alone."""
        return f"AwsCredentials({self.access_key_id!r})"


class Scope(NamedTuple):
    """What a signature is valid for, on one day."""

    region: str
    service: str


def sign_request(
    headers: Mapping[str, str], body: bytes, credentials: AwsCredentials, scope: Scope, moment: datetime
) -> dict[str, str]:
    """Sign a POST to `/`.

    Args:
        headers: those to sign, `Host` among them. AWS wants every header that begins with `x-amz-` signed.
        body: what is sent.
        credentials: who signs.
        scope: where the request goes.
        moment: now. AWS refuses a signature that is more than five minutes old.

    Returns:
        The headers to send, in lower case: those given, and those that the signature adds.
    """
    time = moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    signed = {name.lower(): " ".join(value.split()) for name, value in headers.items()} | {"x-amz-date": time}
    if credentials.session_token:
        signed["x-amz-security-token"] = credentials.session_token
    names = sorted(signed)
    request = ["POST", "/", "", *(f"{name}:{signed[name]}" for name in names), "", ";".join(names), _digest(body)]
    scope_text = "/".join((time[:8], *scope, "aws4_request"))
    text = "\n".join((ALGORITHM, time, scope_text, _digest("\n".join(request).encode())))
    signature = _hmac(_signing_key(credentials, scope_text), text).hex()
    authorization = (
        f"{ALGORITHM} Credential={credentials.access_key_id}/{scope_text}, "
        f"SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return signed | {"authorization": authorization}


def _signing_key(credentials: AwsCredentials, scope_text: str) -> bytes:
    return reduce(_hmac, scope_text.split("/"), b"AWS4" + credentials.secret_access_key.encode())


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), hashlib.sha256)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
