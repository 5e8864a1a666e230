"""API Gateway's part of a request: route, event, answer, CORS, and its own answers.

The limits are those of https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html.
"""

import asyncio
import base64
import json
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import monotonic
from typing import Final

from aiohttp import web

from local.gateway import cors, events, routing
from local.gateway.config import GatewayConfig
from local.gateway.errors import FunctionError, Throttled
from local.gateway.exchange import Exchange
from local.gateway.http import BodyTooLargeError, read_body
from local.gateway.runtime import PAYLOAD_LIMIT
from local.gateway.template import Template

INTEGRATION_LIMIT: Final = 30.0  # seconds
BODY_LIMIT: Final = 10 * 1024 * 1024
HEADERS_LIMIT: Final = 10_240  # bytes of the request line and all headers together

_TOO_LARGE: Final = events.message(413, "Request Entity Too Large")
_UNAVAILABLE: Final = events.message(503, "Service Unavailable")
_FAILED: Final = events.message(500, "Internal Server Error")


_log = logging.getLogger(__name__)


class Edge:
    """Answers HTTP requests.

    Args:
        template: routes and CORS.
        config: where exchanges are reported, and what answers if no route does.
        invoke: invokes a function, by its logical id, with an event; event and result are JSON.
        note: writes a line to a function's log.
    """

    def __init__(
        self,
        template: Template,
        config: GatewayConfig,
        invoke: Callable[[str, bytes], Awaitable[bytes]],
        note: Callable[[str, str], None],
    ) -> None:
        self._template = template
        self._config = config
        self._invoke = invoke
        self._note = note

    async def handle(self, received: web.BaseRequest) -> web.Response:
        """Answer one request, whatever happens."""
        request, began = _request(received), monotonic()
        match = routing.find(self._template.routes, request.method, request.path)
        if match is None and (page := await self._page(received)):
            return page
        try:
            answer = await self._answer(request, match, received)
        except Exception:  # noqa: BLE001 - aiohttp would answer with a page of its own
            _log.exception("The gateway itself failed.")
            answer = _FAILED
        self._report(request, match, answer, monotonic() - began)
        headers = [*answer.headers, ("apigw-requestid", request.id)]
        return web.Response(status=answer.status, headers=headers, body=answer.body)

    async def _page(self, received: web.BaseRequest) -> web.Response | None:
        return await self._config.site(received) if self._config.site else None

    def _report(
        self, request: events.Request, match: routing.Match | None, answer: events.Response, seconds: float
    ) -> None:
        if self._config.on_exchange:
            route = match.route.key if match else None
            self._config.on_exchange(Exchange(request, route, answer.status, answer.headers, answer.body, seconds))

    async def _answer(
        self, request: events.Request, match: routing.Match | None, received: web.BaseRequest
    ) -> events.Response:
        if len(request.target) + sum(len(name) + len(value) for name, value in request.headers) > HEADERS_LIMIT:
            return events.message(431, "Request Header Fields Too Large")
        rules = self._template.cors
        if match is None:
            is_preflight = rules and request.method == "OPTIONS"
            return cors.preflight(rules, request) if rules and is_preflight else events.message(404, "Not Found")
        answer = await self._integrate(request, match, received)
        return cors.on_answer(rules, request, answer) if rules else answer

    async def _integrate(
        self, request: events.Request, match: routing.Match, received: web.BaseRequest
    ) -> events.Response:
        try:
            body = await _body(received)
        except BodyTooLargeError:
            return _TOO_LARGE
        except OSError:  # the client has gone
            return events.message(400, "Bad Request")
        event = json.dumps(events.to_event(replace(request, body=body), match)).encode()
        if len(event) > PAYLOAD_LIMIT:
            return _TOO_LARGE
        return await self._call(match.route.function, event)

    async def _call(self, function: str, event: bytes) -> events.Response:
        try:
            async with asyncio.timeout(INTEGRATION_LIMIT):
                result = await self._invoke(function, event)
            return events.to_response(json.loads(result))
        except (TimeoutError, Throttled):
            return _UNAVAILABLE
        except (FunctionError, json.JSONDecodeError):
            return _FAILED
        except events.NotAnAnswerError as error:
            self._note(function, f"The result is not an answer: see its {error}")
            return _FAILED


def _request(received: web.BaseRequest) -> events.Request:
    return events.Request(
        id=base64.b64encode(secrets.token_bytes(11)).decode(),
        method=received.method,
        target=_latin(received.raw_path.encode("utf-8", "surrogateescape")),
        headers=[(_latin(name), _latin(value)) for name, value in received.raw_headers],
        source_ip=received.remote or "127.0.0.1",
        protocol=f"HTTP/{received.version.major}.{received.version.minor}",
    )


def _latin(raw: bytes) -> str:
    """Return HTTP/1's bytes as text. This never fails, and JSON can hold every result."""
    return raw.decode("latin-1")


async def _body(received: web.BaseRequest) -> bytes:
    if received.headers.get("expect", "").lower() == "100-continue":
        await received.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        received.writer.output_size = 0
    return await read_body(received, BODY_LIMIT)
