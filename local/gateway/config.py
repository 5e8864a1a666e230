"""The configuration of a gateway."""

import sys
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from local.gateway.exchange import Exchange


@dataclass(frozen=True)
class Code:
    """Where a function's code lies: its own folder, and those of its layers (each a folder of packages)."""

    root: Path
    layers: Sequence[Path] = ()

    @property
    def folders(self) -> tuple[Path, ...]:
        """All folders, in the order of Python's search path."""
        return (self.root, *self.layers)


@dataclass(frozen=True, kw_only=True)
class GatewayConfig:
    """The configuration of a gateway.

    Attributes:
        template: the SAM template.
        parameters: values of template parameters; the rest take their defaults.
        layers: folders of packages that every function gets in place of its layers.
        code: where some functions' code lies, by logical id, if not where the template says. Only tests use it.
        environment: variables by logical id; those under "*" go to every function. They win over the template's.
        interpreter: the command that runs Python; it must find `awslambdaric`.
        host: the address to listen on.
        port: the port to listen on; 0 lets the system choose.
        log_dir: a folder that gets a log file for each function; None for no files.
        on_log: called with the logical id and each line of a function's output. Only tests use it.
        on_exchange: called with each request and its answer.
        site: answers a request that no route takes. Without it, or if it returns None, the answer is a 404.
        reload: start new processes when a source has changed; a build's output does not change.
        processes: the most processes that one function may have.
        queues: URLs of queues by logical id; only these are polled.
        sqs_url: the endpoint of the SQS API.
        schedules: names of the schedules that run by themselves.
        region: the AWS region that functions see.
    """

    template: Path
    parameters: Mapping[str, str] = field(default_factory=dict)
    layers: Sequence[Path] = ()
    code: Mapping[str, Code] = field(default_factory=dict)
    environment: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    interpreter: Sequence[str] = (sys.executable,)
    host: str = "127.0.0.1"
    port: int = 0
    log_dir: Path | None = None
    on_log: Callable[[str, str], None] | None = None
    on_exchange: Callable[[Exchange], None] | None = None
    site: Callable[[web.BaseRequest], Awaitable[web.Response | None]] | None = None
    reload: bool = True
    processes: int = 16
    queues: Mapping[str, str] = field(default_factory=dict)
    sqs_url: str = ""
    schedules: Collection[str] = ()
    region: str = "us-east-1"
