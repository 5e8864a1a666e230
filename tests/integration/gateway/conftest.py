"""Gateways that live as long as a session, or as a test."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from tests.integration.gateway.harness import LIMIT, Running, Start, starter


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join(LIMIT)
    loop.close()


@pytest.fixture(scope="session")
def start_session(loop: asyncio.AbstractEventLoop) -> Iterator[Start]:
    yield from starter(loop)


@pytest.fixture
def start(loop: asyncio.AbstractEventLoop) -> Iterator[Start]:
    """Start a gateway of the test's own, with fields of `GatewayConfig`."""
    yield from starter(loop)


@pytest.fixture(scope="session")
def running(start_session: Start) -> Running:
    """The gateway that tests share."""
    return start_session()
