"""What a gateway is started with."""

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
        """In the order of Python's search path."""
        return (self.root, *self.layers)


@dataclass(frozen=True, kw_only=True)
class GatewayConfig:
    """What a gateway is started with.

    Attributes:
        template: the SAM template.
        parameters: values of template parameters; the rest take their defaults.
        layers: folders of packages that every function gets, as its layers would give them.
        code: other places of some functions' code by logical id, as a build leaves them.
        environment: variables by logical id; those under "*" go to every function. They win over the template's.
        interpreter: the command that runs Python; it must find `awslambdaric`.
        host: the address to listen on.
        port: the port to listen on; 0 lets the system choose.
        log_dir: a folder that gets one file a function; none when left out.
        on_log: called with the logical id and each line of a function's output.
        on_exchange: called with each request that was answered.
        site: answers a request that no route takes; None, or where it answers None, there is a 404.
        reload: start processes anew when a source has changed. Not worth it for build outputs.
        processes: how many processes one function may have at most.
        queues: URLs of queues by logical id; a mapping whose queue is not here is not polled.
        sqs_url: the endpoint of the SQS API.
        schedules: names of the schedules that run by themselves.
        region: the AWS region that functions are told.
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
