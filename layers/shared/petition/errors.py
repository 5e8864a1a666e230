"""Every failure that an answer can report, as one tree.

PetitionError
├── InvalidJson              400
├── Unauthenticated          401
├── Forbidden                403
├── NotFound                 404
├── GenerationInProgress     409
├── BodyTooLarge             413
├── UnsupportedMediaType     415
├── InvalidRequest           422
│   └── InvalidChart         422
├── InternalError            500
├── UpstreamError            502
├── UpstreamBusy             503
├── RedisUnavailable         503
└── UpstreamTimeout          504

Each is raised where it is known and turned into an answer by `petition.http.handler` alone. A message is one sentence
for a person: it never holds a value that was sent, a URL, or an upstream's text.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import ClassVar, NamedTuple


class Detail(NamedTuple):
    """What is wrong with one field: the field's path with dots, and a sentence."""

    field: str
    message: str


class PetitionError(Exception):
    """A failure with its place in the HTTP contract.

    Args:
        message: one sentence for a person; the class's own where left out.
        details: the fields at fault, on a validation error.
        retry_after: seconds after which a repeat can succeed.
    """

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    code: ClassVar[str] = "internal_error"
    message: ClassVar[str] = "Something went wrong on our side; please try again."

    def __init__(
        self, message: str | None = None, *, details: Sequence[Detail] = (), retry_after: int | None = None
    ) -> None:
        super().__init__(message or self.message)
        self.details = tuple(details)
        self.retry_after = retry_after


class InvalidJson(PetitionError):
    """The body is not a JSON object."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid_json"
    message = "The request body must be a JSON object."


class Unauthenticated(PetitionError):
    """No valid session. One message for every cause, so that a forger learns nothing."""

    status = HTTPStatus.UNAUTHORIZED
    code = "unauthenticated"
    message = "Please sign in."


class Forbidden(PetitionError):
    """The session's user lacks the route's permission."""

    status = HTTPStatus.FORBIDDEN
    code = "forbidden"
    message = "Your role does not allow this."


class NotFound(PetitionError):
    """No such chart, or, with a message of its own, no such campaign."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"
    message = "There is no such chart."


class GenerationInProgress(PetitionError):
    """This chart is being generated right now."""

    status = HTTPStatus.CONFLICT
    code = "generation_in_progress"
    message = "This chart is being generated right now; please try again in a moment."


class BodyTooLarge(PetitionError):
    """The body is over the limit of 16 KiB."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "body_too_large"
    message = "The request body is larger than 16 KiB."


class UnsupportedMediaType(PetitionError):
    """The Content-Type is not JSON."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"
    message = "The Content-Type must be application/json."


class InvalidRequest(PetitionError):
    """The values of the body or the query string are wrong; `details` says which."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid_request"
    message = "Some values of the request are not valid."


class InvalidChart(InvalidRequest):
    """A chart's stored definition is wrong, or cannot be drawn from the data that is there."""

    code = "invalid_chart"
    message = "This chart cannot be drawn as it is defined."


class InternalError(PetitionError):
    """An unexpected failure, or a misconfigured function."""


class UpstreamError(PetitionError):
    """Directus or Supabase answered with a failure, cannot be reached, or refuses the service's credentials."""

    status = HTTPStatus.BAD_GATEWAY
    code = "upstream_error"
    message = "A service that this request needs has failed; please try again."


class UpstreamBusy(PetitionError):
    """An upstream answered 429 or 503."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "upstream_busy"
    message = "A service that this request needs is busy; please try again in a moment."


class RedisUnavailable(PetitionError):
    """Redis is unavailable."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "redis_unavailable"
    message = "The list of signatures cannot be reached right now; please try again in a moment."


class UpstreamTimeout(PetitionError):
    """An upstream did not answer in time."""

    status = HTTPStatus.GATEWAY_TIMEOUT
    code = "upstream_timeout"
    message = "A service that this request needs did not answer in time; please try again."
