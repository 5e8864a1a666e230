"""What can be wrong with the answer of an HTTP service."""

import asyncio
import json

from tests.integration.faults.servers import Answer, Connection, Request

DRIP_SECONDS = 0.05


def says(status: int, body: object = "", **headers: str) -> Answer:
    """Answer with a status, a body (text as it is, anything else as JSON), and headers (`_` for `-`)."""
    content = _bytes(status, body, {name.replace("_", "-"): value for name, value in headers.items()})

    async def answer(connection: Connection, _: Request) -> None:
        await connection.send(content)

    return answer


async def hang(connection: Connection, _: Request) -> None:
    """Say nothing, until the client has gone."""
    await connection.reader.read()


async def drip(connection: Connection, _: Request) -> None:
    """Send an answer a byte at a time, each in time, without an end."""
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    while True:
        await connection.send(b" ")
        await asyncio.sleep(DRIP_SECONDS)


async def drip_headers(connection: Connection, _: Request) -> None:
    """Send a header a byte at a time, without an end."""
    await connection.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        await connection.send(b"a")
        await asyncio.sleep(DRIP_SECONDS)


async def close(connection: Connection, _: Request) -> None:
    """Close without a word."""
    connection.close()


async def reset(connection: Connection, _: Request) -> None:
    """Break off without a word."""
    connection.reset()


async def reset_midway(connection: Connection, _: Request) -> None:
    """Break off in the middle of an answer."""
    await connection.send(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"data":')
    await asyncio.sleep(DRIP_SECONDS)
    connection.reset()


async def truncate(connection: Connection, _: Request) -> None:
    """Close in the middle of an answer."""
    await connection.send(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"data":')
    connection.close()


async def never_end(connection: Connection, _: Request) -> None:
    """Send as fast as the client takes it, without an end."""
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    while True:
        await connection.send(chunk)


async def speak_ssh(connection: Connection, _: Request) -> None:
    """Speak another protocol."""
    await connection.send(b"SSH-2.0-OpenSSH\r\n\r\n")


class BufferedConnection(Connection):
    """A connection on which nothing is sent yet."""

    content = b""

    async def send(self, content: bytes) -> None:
        """Keep it."""
        self.content += content


def late(seconds: float, answer: Answer) -> Answer:
    """Give an answer after a while."""

    async def wait(connection: Connection, request: Request) -> None:
        await asyncio.sleep(seconds)
        await answer(connection, request)

    return wait


def surplus(answer: Answer, extra: bytes) -> Answer:
    """Send more than the answer, in one piece, which could be taken for the next one."""

    async def send_both(connection: Connection, request: Request) -> None:
        buffer = BufferedConnection(connection.reader, connection.writer)
        await answer(buffer, request)
        await connection.send(buffer.content + extra)

    return send_both


def _bytes(status: int, body: object, headers: dict[str, str]) -> bytes:
    content = (body if isinstance(body, str) else json.dumps(body)).encode()
    given = {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in given.items()), "", ""]
    return "\r\n".join(lines).encode() + content
