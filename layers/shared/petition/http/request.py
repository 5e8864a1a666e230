"""Reading an API Gateway event, payload format 2.0, and what it asks for into the model of its route.

Format: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
import re
from collections.abc import Mapping
from itertools import islice
from typing import TypedDict
from urllib.parse import parse_qsl, unquote

import msgspec
from msgspec import ValidationError

from petition.errors import BodyTooLarge, Detail, InvalidJson, InvalidRequest, UnsupportedMediaType
from petition.http.schema import Schema
from petition.validation import JsonValue, validation_errors

MAX_BODY_BYTES = 16 * 1024
MAX_QUERY_FIELDS = 64
MAX_DETAILS = 20
JSON_MEDIA_TYPE = re.compile(r"\s*application/(?:json|[^;]*\+json)\s*(?:;.*)?", re.IGNORECASE | re.DOTALL)
NOT_AN_EVENT = "This is not an event of an API Gateway HTTP API with payload format 2.0."


class GatewayContext(TypedDict, total=False):
    """The part of `requestContext` that is used here."""

    requestId: str | None


class HttpEvent(TypedDict, total=False):
    """The part of the event that is used here. API Gateway omits empty fields; a test may send null."""

    headers: dict[str, str] | None
    cookies: list[str] | None
    rawQueryString: str | None
    pathParameters: dict[str, str] | None
    requestContext: GatewayContext | None
    body: str | None
    isBase64Encoded: bool | None


class HttpRequest:
    """A request, read from an event.

    Attributes:
        id: the id that API Gateway gave it, if any.
        headers: by lower-case name. API Gateway sends them so; a hand-written event may not.
        cookies: by name; of two with one name the first counts, as browsers send the nearer path first.
    """

    def __init__(self, event: object) -> None:
        """Take the event, and read its headers and cookies.

        Raises:
            InvalidRequest: it is not such an event, for instance a hand-written one.
        """
        try:
            self._event = msgspec.convert(event, HttpEvent)
        except (ValidationError, RecursionError):
            raise InvalidRequest(NOT_AN_EVENT) from None
        self.id = (self._event.get("requestContext") or {}).get("requestId")
        self.headers = {name.lower(): value for name, value in (self._event.get("headers") or {}).items()}
        pairs = [cookie.partition("=") for cookie in reversed(self._event.get("cookies") or [])]
        self.cookies = {name.strip(): value.strip() for name, _, value in pairs}

    def read_as[Body: Schema](self, model: type[Body], *, in_query: bool = False, is_optional: bool = False) -> Body:
        """Read what the request asks for into a model.

        Args:
            model: the route's.
            in_query: whether the URL's query string may hold the same fields; the body wins where it has a value.
            is_optional: whether the body may be missing.

        Raises:
            InvalidJson: there is no body, and the route needs one.
            UnsupportedMediaType, BodyTooLarge, InvalidJson, InvalidRequest: as `read_json_object`, `read_query` and
                `validate`.
        """
        query = self.read_query() if in_query and self._event.get("rawQueryString") else {}
        body = self.read_json_object()
        if body is None and not query and not is_optional:
            raise InvalidJson
        values = body or {}
        return validate(model, values | {name: value for name, value in query.items() if _is_blank(values.get(name))})

    def read_json_object(self) -> dict[str, JsonValue] | None:
        """Return the body as a JSON object, or None if there is no body.

        Raises:
            UnsupportedMediaType: the Content-Type is not JSON.
            BodyTooLarge: over 16 KiB.
            InvalidJson: not UTF-8, not JSON, or not an object.
        """
        raw = self._read_body()
        if not raw:
            return None
        if len(raw) > MAX_BODY_BYTES:
            raise BodyTooLarge
        if not JSON_MEDIA_TYPE.fullmatch(self.headers.get("content-type", "")):
            raise UnsupportedMediaType
        try:
            # It refuses NaN, lone surrogates and invalid UTF-8.
            value: object = msgspec.json.decode(raw)
        except (ValueError, RecursionError):
            raise InvalidJson from None
        if not isinstance(value, dict):
            raise InvalidJson
        return value

    def read_query(self) -> dict[str, JsonValue]:
        """Return the query by name, from the raw string: API Gateway's parsed one joins repeated names with a comma.

        Raises:
            InvalidRequest: a name is given twice, a value is not UTF-8, or there are too many.
        """
        raw = self._event.get("rawQueryString") or ""
        try:
            raw.encode()  # refuses lone surrogates
            pairs = parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=MAX_QUERY_FIELDS)
        except ValueError:
            raise InvalidRequest("The query string of the URL cannot be read.") from None
        values: dict[str, JsonValue] = dict(pairs)
        if len(values) < len(pairs):
            raise InvalidRequest("A field is given twice in the query string of the URL.")
        return values

    def path_parameter(self, name: str) -> str:
        """Return a path parameter, decoded; "" if the route has none of that name."""
        return unquote((self._event.get("pathParameters") or {}).get(name, ""))

    def _read_body(self) -> bytes:
        body = self._event.get("body") or ""
        if not self._event.get("isBase64Encoded"):
            return body.encode(errors="surrogatepass")
        try:
            return base64.b64decode(body, validate=True)
        except ValueError:
            raise InvalidJson from None


def _is_blank(value: JsonValue) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def validate[Body: Schema](model: type[Body], values: Mapping[str, JsonValue]) -> Body:
    """Build a model from what was sent.

    Raises:
        InvalidRequest: with the fields at fault, and nothing of what was sent in them.
    """
    normalized = model.normalize(values)
    try:
        return msgspec.convert(normalized, model)
    except ValidationError as error:
        details = list(islice(validation_errors(model, normalized), MAX_DETAILS))
        # If every field is valid by itself, it is the model's own message about all of them.
        raise InvalidRequest(details=details or [Detail("", str(error))]) from None
