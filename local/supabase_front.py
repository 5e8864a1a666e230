"""A proxy in front of Supabase Lite through which browsers can sign in.

Lite 0.10.0 answers a preflight to its auth without `Access-Control-Allow-Headers`, and a call without
`Access-Control-Allow-Origin`, so that no browser can sign in. This adds what is missing and passes on everything else
unchanged. Remove it once Lite is fixed.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from local.gateway.http import CHUNK
from local.state import HOST

AUTH = "/auth/v1/"
HOP_BY_HOP = frozenset({"connection", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"})
SECONDS = 60
DAY = 86_400
LINE_LIMIT = 1 << 16  # more than Lite takes, so that it is Lite that answers
# What a hosted project answers: any page may call, since a call proves itself with a key and not with a cookie.
ANY_PAGE = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "X-Supabase-Api-Version"}


@asynccontextmanager
async def front(upstream: str, port: int) -> AsyncIterator[None]:
    """Run the proxy on a port, in front of a server, for the length of a block."""
    timeout = ClientTimeout(total=SECONDS)
    async with ClientSession(auto_decompress=False, cookie_jar=DummyCookieJar(), timeout=timeout) as client:
        server = web.Server(
            _Front(upstream, client).handle, access_log=None, max_line_size=LINE_LIMIT, max_field_size=LINE_LIMIT
        )
        runner = web.ServerRunner(server, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, port).start()
            yield
        finally:
            await runner.cleanup()


class _Front:
    def __init__(self, upstream: str, client: ClientSession) -> None:
        self._upstream = upstream
        self._client = client

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        if request.method == "OPTIONS" and request.path.startswith(AUTH):
            return _preflight(request)
        try:
            return await self._pass_on(request)
        except (ClientError, TimeoutError):
            return web.json_response({"message": "Supabase Lite does not answer."}, status=502)

    async def _pass_on(self, request: web.BaseRequest) -> web.StreamResponse:
        url = URL(self._upstream + request.raw_path, encoded=True)
        body = await request.read()
        async with self._client.request(
            request.method, url, headers=_end_to_end(request.headers), data=body or None, allow_redirects=False
        ) as answer:
            headers = _end_to_end(answer.headers)
            for name, value in ANY_PAGE.items() if request.path.startswith(AUTH) else ():
                headers.setdefault(name, value)
            response = web.StreamResponse(status=answer.status, headers=headers)
            await response.prepare(request)
            async for chunk in answer.content.iter_chunked(CHUNK):
                await response.write(chunk)
            await response.write_eof()
            return response


def _preflight(request: web.BaseRequest) -> web.Response:
    return web.Response(
        status=204,
        headers={
            **ANY_PAGE,
            "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
            "Access-Control-Allow-Headers": request.headers.get("Access-Control-Request-Headers", "*"),
            "Access-Control-Max-Age": str(DAY),
        },
    )


def _end_to_end(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in HOP_BY_HOP)
