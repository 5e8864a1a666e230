"""What both HTTP servers of the gateway share."""

from aiohttp import web

CHUNK = 1 << 16


class BodyTooLargeError(Exception):
    """A request's body is over its limit."""


async def read_body(request: web.BaseRequest, limit: int) -> bytes:
    """Read a request's whole body.

    Raises:
        BodyTooLargeError: it is longer than `limit` bytes; the rest has not been read.
    """
    if (request.content_length or 0) > limit:
        raise BodyTooLargeError
    body = bytearray()
    async for chunk in request.content.iter_chunked(CHUNK):
        body += chunk
        if len(body) > limit:
            raise BodyTooLargeError
    return bytes(body)
