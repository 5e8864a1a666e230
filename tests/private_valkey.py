"""A Valkey server that a test may do anything to."""

import signal
import subprocess
import time
from types import TracebackType
from typing import Self

from redis import Redis
from redis.exceptions import ConnectionError as NotThere

from local.services.valkey import command as serve
from local.state import HOST, free_port
from local.tether import tether_command

START_SECONDS = 10


class PrivateValkey:
    """A running server. A restart finds it empty, on the same port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://{HOST}:{self.port}/0"
        self.client = Redis.from_url(self.url, socket_timeout=5)
        self._process = self._start()

    def pause(self) -> None:
        """Stop it from answering, with its connections open, as a firewall that swallows packets does."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused server go on."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once. Connections are reset, and new ones are refused."""
        self._process.kill()
        self._process.wait()

    def restart(self) -> None:
        """Kill it and start it again."""
        self.kill()
        self._process = self._start()

    def commands(self) -> dict[str, int]:
        """Count the calls of each command since the server started, except those of a client's greeting."""
        statistics = self.client.info("commandstats")
        assert isinstance(statistics, dict)
        greeting = {"client|setinfo", "hello", "info", "ping", "client|maint_notifications", "config|resetstat"}
        calls = {name.removeprefix("cmdstat_"): int(each["calls"]) for name, each in statistics.items()}
        return {name: count for name, count in calls.items() if name not in greeting}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()
        self.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        command = tether_command(serve(self.port))
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own program
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert process.poll() is None, "Valkey did not start"
            assert time.monotonic() < deadline, "Valkey does not answer"
            time.sleep(0.01)
        return process

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except NotThere:
            return False
