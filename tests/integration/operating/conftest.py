"""Gateways that a test starts."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.integration.gateway.harness import Start, background_loop, starter


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    yield from background_loop()


@pytest.fixture
def start(loop: asyncio.AbstractEventLoop) -> Iterator[Start]:
    yield from starter(loop)
