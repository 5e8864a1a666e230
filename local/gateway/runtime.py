"""The Lambda Runtime API of one process, which `awslambdaric` polls.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, version 2018-06-01. Each process has a listener of its
own, because `AWS_LAMBDA_RUNTIME_API` holds only a host and a port, which must tell processes apart.
"""

import asyncio
import secrets
import time
import uuid
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from local.gateway.errors import HandlerRaised, InitFailed, MalformedResult, ProcessDied
from local.gateway.http import BodyTooLargeError, read_body
from local.gateway.template import Function

PAYLOAD_LIMIT: Final = 6 * 1024 * 1024
"""Bytes of an event, and of a result: Lambda's limit for synchronous invocations."""

_ACCEPTED = 202
_SHUTDOWN = 0.1  # seconds; aiohttp takes 0 for no limit


@dataclass(frozen=True)
class _Invocation:
    payload: bytes
    deadline: int
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    result: asyncio.Future[bytes] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class RuntimeApi:
    """One process's Runtime API. The process takes one invocation at a time."""

    def __init__(self, function: Function, region: str) -> None:
        self._function = function
        self._arn = f"arn:aws:lambda:{region}:123456789012:function:{function.name}"
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue: asyncio.Queue[_Invocation] = asyncio.Queue(1)
        self._current: _Invocation | None = None
        # When a process is gone, its request for work is cancelled with its connection.
        server = web.Server(self._handle, access_log=None, handler_cancellation=True)
        self._runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN)
        self.address = ""

    async def listen(self) -> None:
        """Listen on a free port of the loopback, and set `address` to host and port."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"{host}:{port}"

    async def close(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def wait_ready(self) -> None:
        """Wait until the process asks for its first invocation.

        Raises:
            InitFailed: it reported that its handler cannot be loaded, or ended.
        """
        await asyncio.shield(self._ready)

    async def invoke(self, payload: bytes) -> bytes:
        """Give the process an event and wait for its result, both JSON.

        Raises:
            HandlerRaised, MalformedResult, ProcessDied: see there.
        """
        deadline = int((time.time() + self._function.timeout) * 1000)
        self._current = _Invocation(payload, deadline)
        self._queue.put_nowait(self._current)
        return await self._current.result

    def fail_pending(self) -> None:
        """Fail whatever waits for a process that has ended."""
        self._fail_init()
        if self._current and not self._current.result.done():
            self._current.result.set_exception(ProcessDied(self._function.name))

    def _fail_init(self) -> None:
        if not self._ready.done():
            self._ready.set_exception(InitFailed(self._function.name))
            self._ready.exception()  # not every process is waited for when it ends

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        match request.method, request.path.split("/")[2:]:
            case "GET", ["runtime", "invocation", "next"]:
                return await self._next()
            case "POST", ["runtime", "invocation", request_id, "response"]:
                return await self._response(request_id, request)
            case "POST", ["runtime", "invocation", request_id, "error"]:
                return self._error(request_id)
            case "POST", ["runtime", "init", "error"]:
                self._fail_init()
                return web.Response(status=_ACCEPTED)
            case _:
                return web.Response(status=404)

    async def _next(self) -> web.Response:
        if not self._ready.done():
            self._ready.set_result(None)
        invocation = await self._queue.get()
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline),
            "Lambda-Runtime-Invoked-Function-Arn": self._arn,
            "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};Sampled=0",
        }
        return web.Response(body=invocation.payload, headers=headers, content_type="application/json")

    async def _response(self, request_id: str, request: web.BaseRequest) -> web.Response:
        try:
            result = await read_body(request, PAYLOAD_LIMIT)
        except BodyTooLargeError:
            self._settle(request_id, MalformedResult(self._function.name))
            return web.Response(status=413)
        return self._settle(request_id, result)

    def _error(self, request_id: str) -> web.Response:
        return self._settle(request_id, HandlerRaised(self._function.name))

    def _settle(self, request_id: str, outcome: bytes | Exception) -> web.Response:
        invocation = self._current
        if invocation is None or invocation.id != request_id or invocation.result.done():
            return web.Response(status=400)
        if isinstance(outcome, Exception):
            invocation.result.set_exception(outcome)
        else:
            invocation.result.set_result(outcome)
        return web.Response(status=_ACCEPTED)
