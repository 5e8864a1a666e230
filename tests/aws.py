"""An empty AWS account, which moto plays over HTTP: the functions do not use boto3, which it could patch."""

import atexit
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from local.loopback import LOOPBACK
from petition.config import secrets
from petition.upstream.deadline_transport import connections

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

REGION = "us-east-1"


@contextmanager
def moto_server() -> Iterator[str]:
    """Serve an account for the length of a block, and yield its address."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield "http://{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()


def sqs_client(url: str) -> "SQSClient":
    """Return a client of an account's queues."""
    return boto3.client(
        "sqs", endpoint_url=url, region_name=REGION, aws_access_key_id="made-up", aws_secret_access_key="made-up"
    )


@cache
def _server() -> str:
    """One account for all of a process's blocks: a server takes a while to start."""
    running = ExitStack()
    atexit.register(running.close)
    return running.enter_context(moto_server())


@contextmanager
def empty_account() -> Iterator[str]:
    """The address of an empty account. For the length of a block, boto3 and the functions call it."""
    url = _server()
    httpx.post(f"{url}/moto-api/reset", **LOOPBACK).raise_for_status()
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
    """Close the process's connections. The next call opens new ones."""
    if connections.cache_info().currsize:
        connections().close()
