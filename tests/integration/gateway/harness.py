"""A gateway in a thread, over the template in `app/`, and what tests do with it."""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from local.gateway import Gateway, GatewayConfig
from local.loopback import LOOPBACK

APP = Path(__file__).parent / "app"
LIMIT = 20  # seconds, for everything that is waited for


def until[Found](look: Callable[[], Found | None]) -> Found:
    """Look again and again until something is found, and return it."""
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.005)
    raise TimeoutError


def has_ended(pid: int) -> bool:
    """Check whether a process has ended. An orphan may still wait to be reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except (FileNotFoundError, ProcessLookupError):  # gone since, or a system without /proc
        return Path("/proc").exists()


@dataclass
class Harness:
    """A running gateway, with a client of it and the lines that its functions have written."""

    gateway: Gateway
    loop: asyncio.AbstractEventLoop
    lines: list[tuple[str, str]]
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.gateway.url, timeout=LIMIT, **LOOPBACK)

    def run[Result](self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine in the gateway's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(LIMIT)

    def wait_for_line(self, found: Callable[[str], bool]) -> str:
        """Wait for a line of a function's output, and return it."""
        return until(lambda: next((line for _, line in list(self.lines) if found(line)), None))


type Start = Callable[..., Harness]


def starter(loop: asyncio.AbstractEventLoop) -> Iterator[Start]:
    started: list[Harness] = []

    def start(**settings: Any) -> Harness:  # noqa: ANN401 - any field of the config
        lines: list[tuple[str, str]] = []
        given = {"template": APP / "template.yaml", "layers": [APP / "layer"], **settings}
        config = GatewayConfig(**given, on_log=lambda *line: lines.append(line))

        async def begin() -> Gateway:
            gateway = Gateway(config)
            await gateway.start()
            return gateway

        gateway = asyncio.run_coroutine_threadsafe(begin(), loop).result(LIMIT)
        started.append(Harness(gateway, loop, lines))
        return started[-1]

    yield start
    for running in started:
        running.http.close()
        running.run(running.gateway.stop())


def background_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop that runs in a thread of its own, for fixtures whose gateways outlive a call."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join(LIMIT)
    loop.close()
