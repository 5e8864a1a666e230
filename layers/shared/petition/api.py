"""The HTTP edge: an API Gateway event in, one of the contract's answers out.

Everything that every route has in common is here, once: reading the request, validating it against the route's model,
the headers of each answer, and the one place where an exception becomes an answer.
"""

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import islice
from typing import Annotated, TypedDict

import msgspec
from msgspec import Meta, Struct, ValidationError

from petition.access import Access
from petition.deadline import Deadline, LambdaContext
from petition.errors import Detail, Forbidden, InternalError, InvalidJson, InvalidRequest, PetitionError
from petition.event import HttpEvent, HttpRequest
from petition.model import JsonValue, faults
from petition.settings import SettingsError
from petition.snapshot import Snapshot
from petition.start import Part, prepare
from petition.telemetry import audit, flush_metrics, logger

MAX_DETAILS = 20


class Message(Struct, rename="camel", forbid_unknown_fields=True):
    """A body of the HTTP contract: snake_case here, camelCase on the wire, unknown fields refused.

    A constraint on a field carries a description, which the answer to a value that breaks it tells: "Must be ...".
    """

    @classmethod
    def prepared(cls, values: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """What was sent, in the form in which it is validated."""
        return values


type Yes = Annotated[bool, Meta(extra_json_schema={"const": True})]
"""What only ever is true: a frontend looks whether it is there."""


class Nothing(Message):
    """A request that is all in its path."""


class ErrorDetail(Message):
    """What is wrong with one field."""

    field: str
    message: str


class ErrorAnswer(Message, omit_defaults=True):
    """Every error, whatever its cause."""

    error: str
    code: str
    request_id: str
    details: list[ErrorDetail] | None = None


@dataclass(frozen=True, slots=True)
class Route[Query: Message]:
    """One route of the contract.

    Attributes:
        path: as in the template, e.g. `/api/charts/{id}`.
        summary: one line for the API's description.
        access: what a caller must be allowed.
        takes: the model of the request body.
        answers: the model of a 200.
        accepts: the model of a 202, where the route can answer one.
        body_optional: whether there need not be a body.
        in_query: whether the URL's query string may hold the same fields; the body wins.
        fails: the errors that this route can answer besides the edge's own.
    """

    path: str
    summary: str
    access: Access[Query]
    takes: type[Query]
    answers: type[Message]
    accepts: type[Message] | None = None
    body_optional: bool = False
    in_query: bool = False
    fails: tuple[type[PetitionError], ...] = ()


@dataclass(frozen=True, slots=True)
class Call[Query: Message]:
    """One request, validated and authorized, with what the answer is to carry besides its body.

    Attributes:
        user_id: the caller's UUID; None on a route that is open.
        replies: to the commands of the route's `Access.reads`.
        set_cookies: Set-Cookie values; they are sent with an error too.
        audit: what the audit line is to say besides who and which route. No criteria, no names.
    """

    query: Query
    request: HttpRequest
    deadline: Deadline
    user_id: str | None = None
    snapshot: Snapshot | None = None
    replies: Sequence[object] = ()
    set_cookies: list[str] = field(default_factory=list)
    audit: dict[str, str | int] = field(default_factory=dict)

    def require(self, permission: str, *, campaign: str) -> None:
        """Check a permission in a campaign that only the route's own data tells.

        Raises:
            Forbidden: the caller does not hold it there.
        """
        if self.snapshot is None or not self.snapshot.allows(permission, campaign=campaign):
            raise Forbidden


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is not a plain 200."""

    body: Message
    status: HTTPStatus
    headers: Mapping[str, str] = field(default_factory=dict)


class HttpResult(TypedDict):
    """What API Gateway takes back, payload format 2.0."""

    statusCode: int
    headers: dict[str, str]
    cookies: list[str]
    body: str


type Handler = Callable[[HttpEvent, LambdaContext], HttpResult]


def handler[Query: Message](
    route: Route[Query], answer: Callable[[Call[Query]], Message | Reply], *parts: Part
) -> Handler:
    """The Lambda handler of a route: `answer` decides, the edge does the rest.

    Args:
        route: what the edge needs to know.
        answer: what is to be said.
        parts: what every answer needs besides the edge, made at the start of a process.
    """
    prepare(*route.access.parts, *parts)

    def handle(event: HttpEvent, context: LambdaContext) -> HttpResult:
        request_id = _request_id(event, context)
        logger.append_keys(request_id=request_id, route=route.path)
        cookies: list[str] = []
        try:
            call = _admitted(route, event, context, cookies)
            reply = _reply(answer(call))
            audit({"user_id": call.user_id or "anonymous", **call.audit})
            return _result(reply, request_id, cookies)
        except Exception as error:  # noqa: BLE001 - the one place where every failure becomes an answer
            return _failure(_known(error), request_id, cookies)
        finally:
            flush_metrics()

    return handle


def _admitted[Query: Message](
    route: Route[Query], event: HttpEvent, context: LambdaContext, set_cookies: list[str]
) -> Call[Query]:
    """Who calls, then what for, then whether they may: a stranger learns nothing, and a refusal costs no upstream."""
    deadline, request = Deadline.of(context), HttpRequest(event)
    session = route.access.identify(request)
    query = _query(route, request)
    snapshot, replies = route.access.authorize(session, query, deadline)
    user_id = session.user_id if session else None
    return Call(query, request, deadline, user_id, snapshot, replies, set_cookies)


def _request_id(event: HttpEvent, context: LambdaContext) -> str:
    return (event.get("requestContext") or {}).get("requestId") or context.aws_request_id


def _query[Query: Message](route: Route[Query], request: HttpRequest) -> Query:
    values = request.query_values() if route.in_query else {}
    body = request.json_object()
    if body is None and not values and not route.body_optional:
        raise InvalidJson
    return validate(route.takes, values | (body or {}))


def validate[Query: Message](model: type[Query], values: Mapping[str, JsonValue]) -> Query:
    """Build a model from what was sent.

    Raises:
        InvalidRequest: with the fields at fault, and nothing of what was sent in them.
    """
    prepared = model.prepared(values)
    try:
        return msgspec.convert(prepared, model)
    except ValidationError as error:
        details = list(islice(faults(model, prepared), MAX_DETAILS))
        # With every field right it is the model's own sentence on the whole.
        raise InvalidRequest(details=details or [Detail("", str(error))]) from None


def _known(error: Exception) -> PetitionError:
    """The error itself where the contract names it, else `internal_error`; what is on our side is logged."""
    known = error if isinstance(error, PetitionError) else InternalError()
    if known.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("request failed", extra={"code": known.code} | _described(error))
    return known


def _described(error: Exception) -> dict[str, object]:
    """Where and why, for the log: types and lines of code, but no messages, as those can hold a person's data."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    described: dict[str, object] = {"causes": [type(cause).__name__ for cause in _causes(error)], "frames": frames}
    if isinstance(error, SettingsError):
        described["settings"] = str(error)
    return described


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _failure(error: PetitionError, request_id: str, cookies: list[str]) -> HttpResult:
    details = [ErrorDetail(field=detail.field, message=detail.message) for detail in error.details] or None
    body = ErrorAnswer(error=str(error), code=error.code, request_id=request_id, details=details)
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return _result(Reply(body, error.status, headers), request_id, cookies)


def _reply(answer: Message | Reply) -> Reply:
    return answer if isinstance(answer, Reply) else Reply(answer, HTTPStatus.OK)


def _result(reply: Reply, request_id: str, cookies: list[str]) -> HttpResult:
    general = {"Content-Type": "application/json", "Cache-Control": "no-store", "X-Request-Id": request_id}
    return {
        "statusCode": reply.status.value,
        "headers": {**general, **reply.headers},
        "cookies": cookies,
        "body": msgspec.json.encode(reply.body).decode(),
    }
