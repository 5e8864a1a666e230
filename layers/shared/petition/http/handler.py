"""The HTTP edge: an API Gateway event in, one of the contract's answers out.

Everything that every route has in common is here, once: reading the request, validating it against the route's model,
the headers of each answer, and the one place where an exception becomes an answer.
"""

import traceback
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import TypedDict

import msgspec

from petition.auth.origin import require_own_origin
from petition.config.init import InitHook, run_init_hooks
from petition.config.settings import SettingsError
from petition.deadline import Deadline, LambdaContext
from petition.errors import InternalError, PetitionError
from petition.http.body import read_body
from petition.http.request import HttpEvent, HttpRequest, read_event
from petition.http.route import Reply, RequestContext, Route
from petition.http.schema import ErrorAnswer, ErrorDetail, Schema
from petition.telemetry import audit, count_configuration_error, flush_metrics, logger


class HttpResult(TypedDict):
    """What API Gateway takes back, payload format 2.0."""

    statusCode: int
    headers: dict[str, str]
    cookies: list[str]
    body: str


type Handler = Callable[[HttpEvent, LambdaContext], HttpResult]


def handler[Body: Schema](
    route: Route[Body], answer: Callable[[RequestContext[Body]], Schema | Reply], *init_hooks: InitHook
) -> Handler:
    """The Lambda handler of a route: `answer` decides, the edge does the rest.

    Args:
        route: what the edge needs to know.
        answer: what is to be said.
        *init_hooks: what every answer needs besides the edge, made at the start of a process.
    """
    run_init_hooks(*route.access.init_hooks, *init_hooks)

    def handle(event: HttpEvent, context: LambdaContext) -> HttpResult:
        request_id, cookies = context.aws_request_id, list[str]()
        logger.append_keys(request_id=request_id, route=route.path)
        try:
            read = read_event(event)
            request_id = (read.get("requestContext") or {}).get("requestId") or request_id
            logger.append_keys(request_id=request_id)
            request_context = _admit(route, read, context, cookies)
            reply = _reply(answer(request_context))
            audit({"user_id": request_context.user_id or "anonymous", **request_context.audit})
            return _result(reply, request_id, cookies)
        except Exception as error:  # noqa: BLE001 - the one place where every failure becomes an answer
            return _failure(_known(error), request_id, cookies)
        finally:
            flush_metrics()

    return handle


def _admit[Body: Schema](
    route: Route[Body], event: HttpEvent, context: LambdaContext, set_cookies: list[str]
) -> RequestContext[Body]:
    """Who calls, then what for, then whether they may: a stranger learns nothing, and a refusal costs no upstream."""
    deadline, request = Deadline.of(context), HttpRequest(event)
    session = route.access.identify(request)
    if session and route.body_optional:
        require_own_origin(request.headers)
    body = read_body(route, request)
    snapshot, replies = route.access.authorize(session, body, deadline)
    user_id = session.user_id if session else None
    return RequestContext(body, request, deadline, user_id, snapshot, replies, set_cookies)


def _known(error: Exception) -> PetitionError:
    """The error itself where the contract names it, else `internal_error`; what is on our side is logged."""
    known = error if isinstance(error, PetitionError) else InternalError()
    if known.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("request failed", extra={"code": known.code} | _described(error))
    if isinstance(error, SettingsError):
        count_configuration_error()
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


def _reply(answer: Schema | Reply) -> Reply:
    return answer if isinstance(answer, Reply) else Reply(answer, HTTPStatus.OK)


def _result(reply: Reply, request_id: str, cookies: list[str]) -> HttpResult:
    general = {"Content-Type": "application/json", "Cache-Control": "no-store", "X-Request-Id": request_id}
    return {
        "statusCode": reply.status.value,
        "headers": {**general, **reply.headers},
        "cookies": cookies,
        "body": msgspec.json.encode(reply.body).decode(),
    }
