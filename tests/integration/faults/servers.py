"""Servers on this machine that can be switched from their normal answer to a fault, and back, at any moment."""

import asyncio
import socket
import ssl
import threading
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

HOST = "127.0.0.1"
SECONDS = 30
CHUNK = 1 << 16
TLS_HANDSHAKE = b"\x16"


class Request(NamedTuple):
    """An HTTP request. The names of its headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(eq=False)
class Connection:
    """One connection of a client."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, content: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(content)
        await self.writer.drain()

    def close(self) -> None:
        """Close it properly."""
        self.writer.close()

    def reset(self) -> None:
        """Break it off: the client sees "connection reset by peer"."""
        found: socket.socket = self.writer.get_extra_info("socket")
        linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        with suppress(OSError):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


type Answer = Callable[[Connection, Request], Awaitable[None]]


class Switch(ABC):
    """What stands between a client and a server: nothing, a fault of its answers, or one of its network.

    Attributes:
        url: where the server is, without a scheme.
        fault: what it answers with in place of its own answers.
        requests: how many requests or commands came.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._holder = _bind()  # keeps the port, also while nobody listens
        self.port: int = self._holder.getsockname()[1]
        self.fault: Answer | None = None
        self.requests = 0
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._full: list[socket.socket] = []
        self._connections: set[Connection] = set()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{HOST}:{self.port}"

    @property
    def connections(self) -> int:
        """The number of open connections."""
        return len(self._connections)

    async def listen(self) -> None:
        """Take connections."""
        for blocker in self._full:
            blocker.close()
        self._full = []
        if self._server is None:
            listener = _bind(self.port)
            self._server = await asyncio.start_server(self._take, sock=listener, ssl=self._tls, limit=1 << 22)

    async def refuse(self) -> None:
        """Break every connection off and take no new one."""
        if self._server:
            self._server.close()
            self._server = None
        for connection in list(self._connections):
            connection.reset()
        await asyncio.sleep(0)

    async def swallow(self) -> None:
        """Let new connections wait for ever, and answer nothing on those that are open, as a firewall does."""
        self.fault = _say_nothing
        if self._server:
            self._server.close()
            self._server = None
        listener = _bind(self.port)
        listener.listen(0)
        self._full = [listener]
        for _ in range(3):
            waiting = socket.socket()
            waiting.setblocking(False)  # noqa: FBT003 - socket's own
            waiting.connect_ex((HOST, self.port))
            self._full.append(waiting)

    async def stop(self) -> None:
        """Stop, and let go of the port."""
        await self.refuse()
        for blocker in self._full:
            blocker.close()
        self._holder.close()

    @abstractmethod
    async def serve(self, connection: Connection) -> None:
        """Answer what comes over one connection."""

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer)
        self._connections.add(connection)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ssl.SSLError):
                await self.serve(connection)
        finally:
            self._connections.discard(connection)
            connection.close()


class HttpServer(Switch):
    """A server that gives each request the answer of one function: a status and a body, or None for no such thing."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.answer = answer

    @property
    def url(self) -> str:
        """The URL at which it listens."""
        return f"{'https' if self._tls else 'http'}://{self.address}"

    async def serve(self, connection: Connection) -> None:
        """Answer one request after the other."""
        while not connection.writer.is_closing():
            first = await connection.reader.readexactly(1)
            if first == TLS_HANDSHAKE:
                await connection.send(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
                connection.close()
                return
            request = await _read_request(first, connection.reader)
            self.requests += 1
            await (self.fault or self.answer)(connection, request)


class RedisProxy(Switch):
    """A proxy in front of a Redis. In place of a request's path, a fault gets how many commands were sent at once.

    Attributes:
        upstream: the port that new connections lead to.
    """

    def __init__(self, upstream: int) -> None:
        super().__init__()
        self.upstream = upstream

    @property
    def url(self) -> str:
        """The URL at which it listens."""
        return f"redis://{self.address}/0"

    async def serve(self, connection: Connection) -> None:
        """Hand everything on, both ways, while there is no fault."""
        reader, writer = await asyncio.open_connection(HOST, self.upstream)
        replies = asyncio.create_task(_hand_on(reader, connection))
        try:
            while commands := await connection.reader.read(CHUNK):
                self.requests += 1
                if self.fault:
                    await self.fault(connection, Request("", str(_count(commands)), {}, commands))
                else:
                    writer.write(commands)
                    await writer.drain()
        finally:
            replies.cancel()
            writer.close()


class Background:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run[Result](self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine there and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(SECONDS)

    def stop(self) -> None:
        """End it, and whatever still runs in it."""
        self.run(_cancel_others())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@contextmanager
def background() -> Iterator[Background]:
    """Run an event loop in a thread for the length of a block."""
    running = Background()
    try:
        yield running
    finally:
        running.stop()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _say_nothing(connection: Connection, _: Request) -> None:
    await connection.reader.read()


async def _read_request(byte: bytes, reader: asyncio.StreamReader) -> Request:
    head = (byte + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")[:-2]
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Request(method, path, headers, await reader.readexactly(int(headers.get("content-length", 0))))


async def _hand_on(reader: asyncio.StreamReader, connection: Connection) -> None:
    with suppress(OSError):
        while replies := await reader.read(CHUNK):
            await connection.send(replies)


def _count(commands: bytes) -> int:
    """Count the commands in some bytes: each is an array of bulk strings, none of which holds a line break."""
    return sum(1 for line in commands.split(b"\r\n") if line[:1] == b"*" and line[1:].isdigit())


def _bind(port: int = 0) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind((HOST, port))
    return bound
