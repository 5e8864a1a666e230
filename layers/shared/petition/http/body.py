"""Read a request's body and query string into the model of its route."""

from collections.abc import Mapping
from itertools import islice

import msgspec
from msgspec import ValidationError

from petition.errors import Detail, InvalidJson, InvalidRequest
from petition.http.request import HttpRequest
from petition.http.route import Route
from petition.http.schema import Schema
from petition.validation import JsonValue, validation_errors

MAX_DETAILS = 20


def read_body[Body: Schema](route: Route[Body], request: HttpRequest) -> Body:
    """Read what a request asks for into its route's model.

    Raises:
        InvalidJson: there is no body, and the route needs one.
        UnsupportedMediaType, BodyTooLarge, InvalidJson: as `HttpRequest.read_json_object`.
        InvalidRequest: as `validate`.
    """
    values = request.read_query() if route.in_query else {}
    body = request.read_json_object()
    if body is None and not values and not route.body_optional:
        raise InvalidJson
    return validate(route.request_model, _fill_in(body or {}, values))


def _fill_in(body: Mapping[str, JsonValue], values: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """The body, with the query string's values where it has none."""
    return {**body, **{name: value for name, value in values.items() if _is_blank(body.get(name))}}


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
        # With every field right it is the model's own sentence on the whole.
        raise InvalidRequest(details=details or [Detail("", str(error))]) from None
