"""Gateways that live as long as a session, or as a test."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.integration.gateway.harness import Harness, Start, background_loop, starter


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    yield from background_loop()


@pytest.fixture(scope="session")
def start_session(loop: asyncio.AbstractEventLoop) -> Iterator[Start]:
    yield from starter(loop)


@pytest.fixture
def start(loop: asyncio.AbstractEventLoop) -> Iterator[Start]:
    """Start a gateway of the test's own, with fields of `GatewayConfig`."""
    yield from starter(loop)


@pytest.fixture(scope="session")
def running(start_session: Start) -> Harness:
    """The gateway that tests share."""
    return start_session()
