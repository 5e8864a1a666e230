"""`python -m local.docker_env`: let containers of `sam local` use the running stack.

Writes env.json, which samconfig.toml hands to `sam local`, and events with the organizer's session into
`.local/events`. On Linux no container can reach the stack's services, so it forwards connections until Ctrl-C, from
Docker's own network to this machine, and from nowhere else.
"""

import asyncio
import contextlib
import fcntl
import json
import re
import socket
import struct
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from local.description import Description
from local.session import access_token, report_failure
from local.state import HOST, ROOT, State, write_atomically
from tools.events import events

ENV: Final = ROOT / "env.json"
CONTAINERS_NAME: Final = "host.docker.internal"
"""The name of this machine in a container; petition accepts it as this machine too."""

BRIDGE: Final = "docker0"
_ADDRESS: Final = re.compile(rf"(?<=[/@])({re.escape(HOST)}|localhost)(?=:[0-9])")
_GET_ADDRESS: Final = 0x8915  # SIOCGIFADDR of <linux/sockios.h>


def container_environment(environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the content of env.json: the functions' variables, with addresses that a container reaches."""
    values = {name: _ADDRESS.sub(CONTAINERS_NAME, value) for name, value in environment.items()}
    values["AWS_ENDPOINT_URL_SQS"] = values.pop("AWS_ENDPOINT_URL")
    # The cookie's name comes from the project's address, which is another one here.
    values["SUPABASE_COOKIE_NAME"] = f"sb-{HOST.partition('.')[0]}-auth-token"
    # `sam local` gives each container a key and a region itself.
    return {"Parameters": {name: value for name, value in values.items() if not _is_sams_own(name)}}


def ports(environment: Mapping[str, str]) -> set[int]:
    """Return the ports of the services that functions call."""
    addresses = (urlsplit(value) for value in environment.values() if "://" in value)
    return {address.port for address in addresses if address.hostname in {HOST, "localhost"} and address.port}


def _is_sams_own(name: str) -> bool:
    return name in {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"}


def write_events(token: str, folder: Path, now: datetime) -> None:
    """Write every event with a session. The queue's event asks for a chart as of `now`, so it is generated."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, event in events(token, now).items():
        write_atomically(folder / f"{name}.json", json.dumps(event, indent=2))


def bridge_address(interface: str = BRIDGE) -> str | None:
    """Return the address at which containers on Linux reach this machine.

    Returns:
        None if Docker runs its own virtual machine, or is not installed.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            answer = fcntl.ioctl(probe.fileno(), _GET_ADDRESS, struct.pack("256s", interface.encode()))
        except OSError:
            return None
    return socket.inet_ntoa(answer[20:24])


async def forward(address: str, numbers: Iterable[int]) -> None:
    """Forward connections from these ports of an address to the same ports of this machine, until cancelled."""
    async with contextlib.AsyncExitStack() as stack:
        for number in numbers:
            server = await asyncio.start_server(_relay(number), address, number)
            await stack.enter_async_context(server)
        await asyncio.Event().wait()


type _Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[object, object, None]]


def _relay(number: int) -> _Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_connection(HOST, number)
            await asyncio.gather(_copy(reader, back), _copy(there, writer))

    return serve


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


def main() -> int:
    """Write the files, then forward connections if needed.

    Returns:
        1 if no stack is running, 0 otherwise.
    """
    state = State.default()
    try:
        stack = Description.read(state.stack_file)
        environment: dict[str, str] = json.loads(state.environment_file.read_text())
        token = access_token(stack, stack.users.organizer)
    except (OSError, httpx.HTTPError):
        return report_failure("The stack is not running: start it with  make dev")
    write_atomically(ENV, json.dumps(container_environment(environment), indent=2) + "\n")
    write_events(token, state.folder / "events", datetime.now(UTC))
    sys.stdout.write("env.json and .local/events were written. Now, for an hour:\n")
    sys.stdout.write("  make docker-invoke F=DuplicateFunction E=.local/events/duplicate.json\n")
    address = bridge_address()
    if address is None:
        return 0
    sys.stdout.write(f"Connections from containers to {address} are forwarded. Ctrl-C stops this.\n")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(forward(address, ports(environment)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
