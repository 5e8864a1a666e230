"""Calls of AWS's JSON services without boto3, which takes longer to import than a whole route to start.

They use the connections below the HTTP client: a route that has no other use for httpx need not import it.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from petition.errors import UpstreamError, UpstreamTimeout
from petition.upstream.aws_signature import AwsCredentials, Scope, sign_request
from petition.upstream.deadline_transport import BUSY, Answer, UrlParts, connections
from petition.validation import JsonValue

# Within the shortest time-out of a function: if AWS does not answer, the error has a reason.
SECONDS = 1.0
THROTTLED = frozenset(
    {"ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "RequestThrottled", "OverLimit"}
)
# The others speak 1.1.
JSON_VERSIONS = {"sqs": "1.0"}


class AwsError(Exception):
    """AWS refused a call, or cannot be reached. The message is a code such as `AccessDeniedException`.

    AWS's own sentence is left out: it names accounts, roles and secrets.
    """


class AwsThrottled(AwsError):
    """AWS limits how often it is called."""


class AwsTimeout(AwsError):
    """AWS does not answer in time."""


class _Refusal(Struct):
    type: str = msgspec.field(name="__type", default="")


class _ContainerCredentials(Struct, rename="pascal"):
    access_key_id: str
    secret_access_key: str
    token: str | None = None


def find_credentials() -> AwsCredentials:
    """Return the function's credentials: from the environment, or, after a restore by SnapStart, from Lambda's server.

    https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html

    Raises:
        AwsError: there are none.
    """
    environ = os.environ
    if "AWS_ACCESS_KEY_ID" in environ and "AWS_SECRET_ACCESS_KEY" in environ:
        token = environ.get("AWS_SESSION_TOKEN") or None
        return AwsCredentials(environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"], token)
    if url := environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        headers = {"authorization": environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")}
        answer = _send("GET", url, headers, b"", SECONDS)
        try:
            found = msgspec.json.decode(answer.content, type=_ContainerCredentials)
        except ValueError:
            raise AwsError("CredentialRetrievalError") from None
        return AwsCredentials(found.access_key_id, found.secret_access_key, found.token)
    raise AwsError("NoCredentialsError")


def call_aws(
    service: str, action: str, arguments: JsonValue, credentials: AwsCredentials, *, seconds: float = SECONDS
) -> Mapping[str, object]:
    """Call an action of a service, and once more after a temporary failure. It must be harmless to repeat.

    Args:
        service: e.g. `secretsmanager`.
        action: as `X-Amz-Target` names it, e.g. `secretsmanager.GetSecretValue`.
        arguments: the action's own.
        credentials: who calls.
        seconds: for each of the two attempts.

    Raises:
        AwsThrottled, AwsTimeout, AwsError: it is called too often, does not answer in time, or refuses.
    """
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise AwsError("NoRegionError")
    url, body = _endpoint(service, region), msgspec.json.encode(arguments)
    kind = f"application/x-amz-json-{JSON_VERSIONS.get(service, '1.1')}"
    target = {"host": urlsplit(url).netloc, "content-type": kind, "x-amz-target": action}
    headers = sign_request(target, body, credentials, Scope(region, service), datetime.now(UTC))
    answer = _send("POST", url, headers | {"content-length": str(len(body))}, body, seconds)
    if answer.status != HTTPStatus.OK:
        raise (AwsThrottled if _is_throttled(answer) else AwsError)(_code(answer))
    try:
        return msgspec.json.decode(answer.content, type=dict[str, object])
    except (ValueError, RecursionError):
        raise AwsError("ResponseParserError") from None


def _endpoint(service: str, region: str) -> str:
    """Find it as boto3 does: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html."""
    own = "AWS_ENDPOINT_URL_" + {"secretsmanager": "SECRETS_MANAGER"}.get(service, service.upper())
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    given = os.environ.get(own) or os.environ.get("AWS_ENDPOINT_URL")
    return given or f"https://{service}.{region}.{suffix}"


def _send(method: str, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Answer:
    try:
        answer = _exchange(method, url, headers, body, seconds)
    except (UpstreamError, UpstreamTimeout):
        answer = None
    if answer and not _is_temporary(answer):
        return answer
    try:
        return _exchange(method, url, headers, body, seconds)
    except UpstreamTimeout as error:
        raise AwsTimeout(type(error.__cause__ or error).__name__) from None
    except UpstreamError as error:
        raise AwsError(type(error.__cause__ or error).__name__) from None


def _exchange(method: str, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Answer:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    url_parts = UrlParts(parts.scheme.encode(), (parts.hostname or "").encode(), parts.port, target.encode())
    lines = [(name.encode(), value.encode()) for name, value in {"host": parts.netloc, **headers}.items()]
    return connections().send(method, url_parts, lines, body, seconds=seconds)


def _is_temporary(answer: Answer) -> bool:
    """Check whether another attempt may succeed."""
    return answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or _is_throttled(answer)


def _is_throttled(answer: Answer) -> bool:
    return answer.status in BUSY or _code(answer) in THROTTLED


def _code(answer: Answer) -> str:
    """Return the code of a refusal: `com.amazonaws.secretsmanager#ResourceNotFoundException` without its namespace."""
    try:
        name = msgspec.json.decode(answer.content, type=_Refusal).type
    except (ValueError, RecursionError):
        name = ""
    return name.rpartition("#")[2] or f"HTTP {answer.status}"
