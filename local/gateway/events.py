"""HTTP to payload 2.0 and back: pure functions.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html gives the format.
What it leaves open was measured against AWS by others, who are named where it is used.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, unquote

from local.gateway.routing import Match

type Json = dict[str, Json] | list[Json] | str | int | float | bool | None

# Only these come as text, measured against AWS (ministackorg/ministack#766); even a form is base64.
_TEXT: Final = re.compile(r"\s*(text/.*|application/(json|xml|javascript))\s*(;.*)?", re.IGNORECASE)
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
# These belong to the connection, which is the server's.
_CONNECTION: Final = frozenset(
    {"connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)


@dataclass(frozen=True)
class Request:
    """An HTTP request. `target` is the request line's; `headers` are in the order sent."""

    id: str
    method: str
    target: str
    headers: Iterable[tuple[str, str]]
    body: bytes = b""
    source_ip: str = "127.0.0.1"
    protocol: str = "HTTP/1.1"
    received: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def path(self) -> str:
        """The path, percent-decoded as HTTP APIs pass it on, `rawPath` included (middleapi/standard-server#93)."""
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> str:
        """The query string as sent."""
        return self.target.partition("?")[2]

    def header(self, name: str) -> str:
        """Return the first header of a name (in lower case), or ""."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True)
class Response:
    """An HTTP response. The names of headers are in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


class NotAnAnswerError(ValueError):
    """A function's result does not have the format of a response."""


def message(status: int, text: str) -> Response:
    """Return one of API Gateway's own answers."""
    return Response(
        status, (("content-type", "application/json"),), json.dumps({"message": text}, separators=(",", ":")).encode()
    )


def to_event(request: Request, match: Match) -> dict[str, object]:
    """Return the event for a request. What is empty is left out, as API Gateway does."""
    body, encoded = _body(request)
    optional = {
        "cookies": _cookies(request),
        "queryStringParameters": _join_values(parse_qsl(request.query, keep_blank_values=True)),
        "pathParameters": match.parameters,
        "body": body,
    }
    return {
        "version": "2.0",
        "routeKey": match.route.key,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": _headers(request),
        "requestContext": _context(request, match.route.key),
        "isBase64Encoded": encoded,
        **{key: value for key, value in optional.items() if value},
    }


def _body(request: Request) -> tuple[str, bool]:
    if _TEXT.fullmatch(request.header("content-type")):
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass  # not text after all: base64 loses nothing
    return base64.b64encode(request.body).decode(), bool(request.body)


def _cookies(request: Request) -> list[str]:
    values = (value for key, value in request.headers if key.lower() == "cookie")
    return [cookie for value in values for part in value.split(";") if (cookie := part.strip())]


def _headers(request: Request) -> dict[str, str]:
    sent = _join_values((key.lower(), value) for key, value in request.headers if key.lower() != "cookie")
    addresses = [*filter(None, [sent.get("x-forwarded-for")]), request.source_ip]
    port = request.header("host").rpartition(":")[2]
    return sent | {
        "x-forwarded-for": ", ".join(addresses),
        "x-forwarded-port": port if port.isdecimal() else "80",
        "x-forwarded-proto": "http",
    }


def _join_values(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Join the values of the same name with commas."""
    values: dict[str, list[str]] = {}
    for key, value in pairs:
        values.setdefault(key, []).append(value)
    return {key: ",".join(group) for key, group in values.items()}


def _context(request: Request, route_key: str) -> dict[str, object]:
    domain = request.header("host").rsplit(":", 1)[0]
    return {
        "accountId": "123456789012",
        "apiId": "local",
        "domainName": domain,
        "domainPrefix": domain.split(".")[0],
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": request.protocol,
            "sourceIp": request.source_ip,
            "userAgent": request.header("user-agent"),
        },
        "requestId": request.id,
        "routeKey": route_key,
        "stage": "$default",
        "time": f"{request.received:%d/%b/%Y:%H:%M:%S +0000}",
        "timeEpoch": int(request.received.timestamp() * 1000),
    }


def to_response(result: Json) -> Response:
    """Return the response for a function's result. A result without `statusCode` is the body of a 200.

    Raises:
        NotAnAnswerError: the result has a `statusCode`, and something in it is of the wrong kind.
    """
    if not isinstance(result, dict) or "statusCode" not in result:
        text = result if isinstance(result, str) else json.dumps(result)
        return Response(200, (("content-type", "application/json"),), text.encode())
    headers = dict(_result_headers(result.get("headers") or {}))
    headers.setdefault("content-type", "text/plain;charset=UTF-8")
    return Response(
        _status(result["statusCode"]),
        (*headers.items(), *_result_cookies(result.get("cookies") or [])),
        _result_body(result.get("body"), encoded=result.get("isBase64Encoded") is True),
    )


def _status(value: Json) -> int:
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"[1-5]\d\d", text):
        raise NotAnAnswerError("statusCode")
    return int(text)


def _result_headers(headers: Json) -> Iterable[tuple[str, str]]:
    if not isinstance(headers, Mapping):
        raise NotAnAnswerError("headers")
    for name, value in headers.items():
        text = json.dumps(value) if isinstance(value, bool) else str(value)
        if isinstance(value, dict | list) or not (_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(text)):
            raise NotAnAnswerError("headers")
        if name.lower() not in _CONNECTION:
            yield name.lower(), text


def _result_cookies(cookies: Json) -> list[tuple[str, str]]:
    if not isinstance(cookies, list):
        raise NotAnAnswerError("cookies")
    if not all(isinstance(cookie, str) and _HEADER_VALUE.fullmatch(cookie) for cookie in cookies):
        raise NotAnAnswerError("cookies")
    return [("set-cookie", str(cookie)) for cookie in cookies]


def _result_body(body: Json, *, encoded: bool) -> bytes:
    if body is None:
        return b""
    if not isinstance(body, str):
        raise NotAnAnswerError("body")
    try:
        return base64.b64decode(body, validate=True) if encoded else body.encode()
    except (binascii.Error, UnicodeEncodeError):
        raise NotAnAnswerError("body") from None
