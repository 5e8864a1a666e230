"""The HTTP edge: an API Gateway event in, one of the contract's answers out.

It does what all routes have in common: read and validate the request, add the headers of every answer, and turn an
exception into an answer. Nothing else does that.
"""

import traceback
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from typing import TypedDict

import msgspec

from petition.auth import permissions
from petition.auth.access import Access, access_settings
from petition.auth.origin import require_own_origin
from petition.auth.permissions import Authorization
from petition.auth.session import Session, authenticator
from petition.clients import redis
from petition.config.init import InitHook, run_init_hooks
from petition.config.settings import SettingsError
from petition.deadline import Deadline, LambdaContext
from petition.errors import InternalError, PetitionError
from petition.http.request import HttpEvent, HttpRequest
from petition.http.route import HttpResponse, RequestContext, Route
from petition.http.schema import ErrorAnswer, ErrorDetail, Schema
from petition.telemetry import add_log_fields, audit, count_configuration_error, flush_metrics, logger


class HttpResult(TypedDict):
    """What API Gateway takes back, payload format 2.0."""

    statusCode: int
    headers: dict[str, str]
    cookies: list[str]
    body: str


type Handler = Callable[[HttpEvent, LambdaContext], HttpResult]


def handler[Body: Schema](
    route: Route[Body], answer: Callable[[RequestContext[Body]], Schema | HttpResponse], *init_hooks: InitHook
) -> Handler:
    """Make the Lambda handler of a route.

    Args:
        route: what the edge needs to know.
        answer: makes the answer to a request.
        *init_hooks: make what every answer needs besides the edge, at the start of a process.
    """
    # The decoder itself is not used: it makes msgspec analyze the model now, which a first request would wait for.
    run_init_hooks(partial(msgspec.json.Decoder, route.request_model), *route.access.init_hooks, *init_hooks)

    def handle(event: HttpEvent, context: LambdaContext) -> HttpResult:
        request_id = context.aws_request_id
        cookies: list[str] = []
        add_log_fields(request_id=request_id, route=route.path)
        try:
            request = HttpRequest(event)
            request_id = request.id or request_id
            add_log_fields(request_id=request_id)
            request_context = _admit(route, request, context, cookies)
            answered = answer(request_context)
            audit({"user_id": request_context.user_id or "anonymous", **request_context.audit})
            response = answered if isinstance(answered, HttpResponse) else HttpResponse(answered, HTTPStatus.OK)
            return _make_result(response, request_id, cookies)
        except Exception as error:  # noqa: BLE001 - the one place where every failure becomes an answer
            return _make_error_result(_map_error(error), request_id, cookies)
        finally:
            flush_metrics()

    return handle


def _admit[Body: Schema](
    route: Route[Body], request: HttpRequest, context: LambdaContext, set_cookies: list[str]
) -> RequestContext[Body]:
    """Authenticate the caller, read the body and check the permission, in that order: a stranger learns nothing."""
    deadline, access = Deadline.of(context), route.access
    is_open = access.can_be_open and access_settings().allow_anonymous
    session = None if is_open else authenticator().authenticate(request.headers, request.cookies)
    if session and route.body_optional:
        require_own_origin(request.headers)
    body = request.read_as(route.request_model, in_query=route.in_query, is_optional=route.body_optional)
    held, replies = _authorize(access, session, body, deadline)
    user_id = session.user_id if session else None
    return RequestContext(body, request, deadline, user_id, held, replies, set_cookies)


def _authorize[Body: Schema](
    access: Access[Body], session: Session | None, body: Body, deadline: Deadline
) -> Authorization:
    """Check the caller's permission, and get the replies to the prefetched commands."""
    prefetch = access.prefetch(body) if access.prefetch else ()
    if session is None or access.permission is None:
        return Authorization(None, redis.run(prefetch))
    return permissions.authorize(
        session,
        access.permission,
        campaign=access.campaign(body) if access.campaign else None,
        redis=redis.connection(),
        deadline=deadline,
        prefetch=prefetch,
    )


def _map_error(error: Exception) -> PetitionError:
    """Map an exception to an error of the contract: itself, or `internal_error`. Failures on our side are logged."""
    known = error if isinstance(error, PetitionError) else InternalError()
    if known.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("request failed", extra={"code": known.code} | _describe(error))
    if isinstance(error, SettingsError):
        count_configuration_error()
    return known


def _describe(error: Exception) -> dict[str, object]:
    """Describe an error for the log by types and lines of code. Messages are left out: they can hold personal data."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    described: dict[str, object] = {"causes": [type(cause).__name__ for cause in _list_causes(error)], "frames": frames}
    if isinstance(error, SettingsError):
        described["settings"] = str(error)
    return described


def _list_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _make_error_result(error: PetitionError, request_id: str, cookies: list[str]) -> HttpResult:
    details = [ErrorDetail(field=detail.field, message=detail.message) for detail in error.details] or None
    body = ErrorAnswer(error=str(error), code=error.code, request_id=request_id, details=details)
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return _make_result(HttpResponse(body, error.status, headers), request_id, cookies)


def _make_result(response: HttpResponse, request_id: str, cookies: list[str]) -> HttpResult:
    general = {"Content-Type": "application/json", "Cache-Control": "no-store", "X-Request-Id": request_id}
    return {
        "statusCode": response.status.value,
        "headers": {**general, **response.headers},
        "cookies": cookies,
        "body": msgspec.json.encode(response.body).decode(),
    }
