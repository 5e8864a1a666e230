"""What can be wrong with the replies of Redis."""

import asyncio

from tests.integration.faults.servers import Answer, Connection, Request

DRIP_SECONDS = 0.05


def replies(reply: str) -> Answer:
    """Answer each command so, e.g. `-READONLY You can't write against a read only replica.`"""

    async def answer(connection: Connection, commands: Request) -> None:
        await connection.send(f"{reply}\r\n".encode() * int(commands.path))

    return answer


async def drip(connection: Connection, _: Request) -> None:
    """Send a reply a byte at a time, each in time, without an end."""
    await connection.send(b"$100000\r\n")
    while True:
        await connection.send(b"x")
        await asyncio.sleep(DRIP_SECONDS)


async def reset_midway(connection: Connection, _: Request) -> None:
    """Break off in the middle of a reply."""
    await connection.send(b"$100\r\nabc")
    await asyncio.sleep(DRIP_SECONDS)
    connection.reset()


async def truncate(connection: Connection, _: Request) -> None:
    """Close in the middle of a reply."""
    await connection.send(b"$100\r\nabc")
    connection.close()


async def never_end(connection: Connection, _: Request) -> None:
    """Announce a reply of gigabytes and begin to send it."""
    await connection.send(b"$4000000000\r\n")
    chunk = b"x" * 0x10000
    while True:
        await connection.send(chunk)


async def speak_http(connection: Connection, _: Request) -> None:
    """Speak another protocol."""
    await connection.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
