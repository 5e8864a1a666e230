"""An AWS account with nothing in it, which moto plays over HTTP: it can patch boto3 alone, which reads no secret."""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import httpx
import pytest
from moto.server import ThreadedMotoServer

from petition.config import secrets
from petition.upstream.deadline_transport import connections

REGION = "us-east-1"


@cache
def _server() -> str:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    atexit.register(server.stop)
    host, port = server.get_host_and_port()
    return f"http://{host}:{port}"


@contextmanager
def empty_account() -> Iterator[str]:
    """The address of an empty account. For the length of a block, boto3 and the functions call it."""
    url = _server()
    httpx.post(f"{url}/moto-api/reset", trust_env=False).raise_for_status()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", url)
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.setenv("AWS_ACCESS_KEY_ID", "made-up")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
        try:
            yield url
        finally:
            secrets.forget()
            close_connections()


def close_connections() -> None:
    """Close what the process has open; the next call connects anew."""
    if connections.cache_info().currsize:
        connections().close()
    connections.cache_clear()
