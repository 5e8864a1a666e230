"""The whole gateway: the HTTP server, the functions' pools, the queues' pollers and the schedules."""

import asyncio
import contextlib
import errno
import json
import logging
from http import HTTPStatus
from typing import Self

from aiohttp import web

from local.gateway import events, sources
from local.gateway.config import Code, GatewayConfig
from local.gateway.edge import HEADERS_LIMIT, Edge
from local.gateway.errors import PortTaken
from local.gateway.events import Json
from local.gateway.logs import Logs
from local.gateway.pool import Pool
from local.gateway.process import FunctionProcess, Launch
from local.gateway.queues import poll_queues
from local.gateway.schedules import run_schedules
from local.gateway.template import Function, Template, load

# aiohttp refuses a longer line with a page of its own, before we can say what API Gateway says.
_LINE_LIMIT = 4 * HEADERS_LIMIT
# It logs a request that is not HTTP with its first line, which may hold somebody's name; the answer is a 400 anyway.
_malformed = logging.getLogger(f"{__name__}.malformed")
_malformed.disabled = True


class _Connection(web.RequestHandler):
    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answer malformed HTTP as API Gateway does. aiohttp's own page would repeat the input."""
        del request, exc, message
        answer = events.message(status, HTTPStatus(status).phrase)
        response = web.Response(status=status, headers=answer.headers, body=answer.body)
        response.force_close()
        return response


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class Gateway:
    """API Gateway and Lambda for one template, as an async context manager.

    Attributes:
        template: what the template says.

    Raises:
        TemplateError: the template cannot be read.
    """

    def __init__(self, config: GatewayConfig) -> None:
        self._config = config
        self._logs = Logs(config.log_dir, config.on_log)
        self.template: Template = load(config.template, config.parameters, config.region)
        self._pools = {name: self._pool(function) for name, function in self.template.functions.items()}
        edge = Edge(self.template, config, self._invoke, self._logs.write)
        server = _Server(
            edge.handle,
            access_log=None,
            logger=_malformed,
            auto_decompress=False,
            max_line_size=_LINE_LIMIT,
            max_field_size=_LINE_LIMIT,
        )
        self._runner = web.ServerRunner(server, shutdown_timeout=1)
        self._background: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        """The URL at which it answers, without a slash at the end."""
        return f"http://{self._config.host}:{self.port}"

    @property
    def port(self) -> int:
        """The port that it listens on."""
        port: int = self._runner.addresses[0][1]
        return port

    async def start(self) -> None:
        """Listen, poll the queues and run the schedules. Processes start with the first requests.

        Raises:
            PortTaken: another program listens on the port.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._config.host, self._config.port).start()
        except OSError as error:
            await self._runner.cleanup()
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(self._config.port) from error
            raise
        self._background = [
            asyncio.create_task(poll_queues(self.template.queues, self._config, self.invoke)),
            asyncio.create_task(run_schedules(self.template.schedules, self._config.schedules, self.invoke)),
        ]

    async def stop(self) -> None:
        """Stop polling, end every process and stop listening. A request in flight is answered with 500."""
        for task in self._background:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await asyncio.gather(*(pool.stop() for pool in self._pools.values()))
        await self._runner.cleanup()
        self._logs.close()

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    async def invoke(self, function: str, event: object) -> Json:
        """Invoke a function by its logical id with an event, as a schedule or a queue does.

        Raises:
            KeyError: there is no such function.
            FunctionError: the invocation failed.
            Throttled: the function may have no process.
        """
        result: Json = json.loads(await self._invoke(function, json.dumps(event).encode()))
        return result

    async def _invoke(self, function: str, event: bytes) -> bytes:
        return await self._pools[function].invoke(event)

    def _pool(self, function: Function) -> Pool:
        config = self._config
        code = config.code.get(function.name) or Code(function.root, config.layers)
        launch = Launch(function, code, config, lambda line: self._logs.write(function.name, line))
        limit = config.processes if function.concurrency is None else min(config.processes, function.concurrency)
        return Pool(
            start=lambda version: FunctionProcess.start(launch, version),
            version=lambda: sources.state(code.folders) if config.reload else None,
            limit=limit,
        )
