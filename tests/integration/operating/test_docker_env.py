"""`make docker-env`: what `sam local` would put into a container works on the running stack, event by event.

There need be no Docker: what a container gets is asked of sam's own code. The name by which a container finds this
machine is replaced by this machine's own, as Docker's resolver would.
"""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from samcli.lib.providers.sam_function_provider import SamFunctionProvider  # type: ignore[import-untyped]
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider  # type: ignore[import-untyped]
from samcli.local.lambdafn.env_vars import EnvironmentVariables  # type: ignore[import-untyped]

from local.description import Description
from local.docker_env import CONTAINERS_NAME, bridge_address, container_environment, forward, ports, write_events
from local.project import connect
from local.session import access_token
from local.state import HOST, ROOT
from tests.integration.gateway.harness import Start
from tests.stack_state import state_of

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # between sam and its libraries
OTHER = "127.0.0.2"  # this machine too, and not where the services listen
FUNCTIONS = {
    "essearch": "SearchFunction",
    "essearch-common": "CommonSearchFunction",
    "duplicate": "DuplicateFunction",
    "chart": "ChartFunction",
    "revalidate": "PermissionsFunction",
    "schedule": "RefreshFunction",
    "queue": "WorkerFunction",
}


@pytest.fixture
def environment(stack: Description) -> dict[str, str]:
    found: dict[str, str] = json.loads(state_of(stack).environment_file.read_text())
    return found


def in_a_container(function: str, env_json: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the variables that `sam local` gives a container."""
    stacks, _ = SamLocalStackProvider.get_stacks(str(ROOT / "template.yaml"))
    found = SamFunctionProvider(stacks).get(function)
    variables = EnvironmentVariables(
        function,
        found.memory,
        found.timeout,
        found.handler,
        variables=found.environment["Variables"],
        override_values=env_json["Parameters"],
    )
    return dict(variables.resolve())


@pytest.fixture
def invoke(environment: Mapping[str, str], start: Start) -> Callable[[str, object], Any]:
    """Have a function answer an event with what a container would have."""

    def run(function: str, event: object) -> Any:  # noqa: ANN401 - what it answers
        given = in_a_container(function, container_environment(environment))
        here = {name: value.replace(CONTAINERS_NAME, HOST) for name, value in given.items()}
        running = start(
            template=ROOT / "template.yaml", layers=[ROOT / "layers" / "shared"], environment={function: here}
        )
        return running.run(running.gateway.invoke(function, event))

    return run


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_event_is_answered_as_under_make_dev(
    stack: Description, invoke: Callable[[str, object], Any], tmp_path: Path, name: str
) -> None:
    write_events(access_token(stack, stack.users.organizer), tmp_path, datetime.now(UTC))
    before = generated_at(stack)

    answer = invoke(FUNCTIONS[name], json.loads((tmp_path / f"{name}.json").read_text()))

    match name:
        case "schedule":
            assert answer["queued"] == answer["due"]
        case "queue":
            assert answer == {"batchItemFailures": []}
            assert generated_at(stack) > before, "the event asks for a chart that was not generated since"
        case _:
            assert answer["statusCode"] == 200, answer["body"]


def generated_at(stack: Description) -> str:
    """When the chart of the events was generated last."""
    with connect(stack.supabase.url, stack.supabase.secret_key) as client:
        (row,) = client.table("charts").select("generated_at").eq("id", stack.chart.id).execute().data
    return row["generated_at"] or ""  # type: ignore[index,call-overload,return-value]  # a row


def test_no_address_stays_that_a_container_does_not_reach(environment: Mapping[str, str]) -> None:
    written = container_environment(environment)["Parameters"]

    assert not [name for name, value in written.items() if HOST in value or "localhost" in value]
    assert written["SUPABASE_JWT_SECRET"] == environment["SUPABASE_JWT_SECRET"]
    assert CONTAINERS_NAME in written["AWS_ENDPOINT_URL_SQS"]
    assert len(ports(environment)) == 4  # Directus, Redis, Supabase, AWS


def test_connections_to_another_address_are_forwarded(stack: Description) -> None:
    port = httpx.URL(stack.directus.url).port
    assert port
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{OTHER}:{port}/server/ping")

    with forward_port(port):
        assert httpx.get(f"http://{OTHER}:{port}/server/ping").text == "pong"


@contextmanager
def forward_port(port: int) -> Iterator[None]:
    """Forward connections to a port of the other address while a block runs."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(forward(OTHER, [port]))

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        while not _is_open(port):
            pass
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((OTHER, port)) == 0


def test_where_docker_has_no_network_here_nothing_is_forwarded() -> None:
    assert bridge_address("no-such-interface") is None
    assert bridge_address("lo") == HOST
