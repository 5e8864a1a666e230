"""The built functions, with what Lambda has besides and nothing else of this machine."""

import asyncio
import json
import os
import platform
import subprocess
from pathlib import Path

import pytest

from local.description import Description
from local.gateway import Gateway, GatewayConfig
from local.session import access_token
from tests.integration.sam_build.building import FUNCTIONS
from tests.lambda_runtime import interpreter, packages
from tests.stack_state import state_of
from tools.events import events

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="Lambda's native code runs on Linux alone")

INVOKE = """
import json, sys
from importlib import import_module
from petition.upstream import client as upstream
module, _, name = sys.argv[1].rpartition(".")
class Context:
    aws_request_id = "from-lambda"
    def get_remaining_time_in_millis(self): return 3000
try:
    answer = getattr(import_module(module), name)(json.loads(sys.argv[2]), Context())
except Exception as error:
    answer = {"raised": type(error).__name__}
modules = list(sys.modules.items())
loaded = {m.partition(".")[0] for m, v in modules if sys.argv[3] in (getattr(v, "__file__", "") or "")}
print(json.dumps({"answer": answer, "loaded": sorted(loaded)}))
"""
NOWHERE = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "CHART_QUEUE_URL": "http://127.0.0.1:9/queue",
    "PYTHONDONTWRITEBYTECODE": "1",
    "REDIS_URL": "redis://127.0.0.1:9",
    "SUPABASE_JWT_SECRET": "made up, and longer than thirty-two bytes",
    "SUPABASE_SECRET_KEY": "made up",
    "SUPABASE_URL": "http://127.0.0.1:9",
}


def invoke(build: Path, function: str, event: object) -> tuple[dict[str, object], set[str]]:
    """Invoke a function on the built artefacts alone.

    Returns:
        the answer, and what it loaded from the layer.
    """
    layer = build / "SharedLayer" / "python"
    run = subprocess.run(  # noqa: S603 - a program of this test's own
        [interpreter(), "-c", INVOKE, FUNCTIONS[function]["Properties"]["Handler"], json.dumps(event), str(layer)],
        env=NOWHERE | {"PYTHONPATH": os.pathsep.join(map(str, (build / function, layer, packages())))},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    printed = json.loads(run.stdout.splitlines()[-1])
    return printed["answer"], set(printed["loaded"])


@pytest.mark.parametrize(
    "function", [name for name, each in FUNCTIONS.items() if "Post" in each["Properties"]["Events"]]
)
def test_a_built_route_answers_without_anything_of_this_machine(built: Path, function: str) -> None:
    event = {"version": "2.0", "headers": {"content-type": "application/json"}, "body": "{}"}

    answer, _ = invoke(built, function, event)

    assert answer["statusCode"] == 401
    assert json.loads(str(answer["body"]))["code"] == "unauthenticated"


def test_the_built_schedule_reaches_out_for_the_due_charts(built: Path) -> None:
    answer, _ = invoke(built, "RefreshFunction", {})

    assert answer == {"raised": "UpstreamError"}


def test_the_built_worker_gives_back_what_it_could_not_do(built: Path) -> None:
    body = json.dumps({"chart_id": "01a2074c-0000-7000-8000-3e29c40bab57", "requested_at": "2026-11-23T00:00:00Z"})

    answer, _ = invoke(built, "WorkerFunction", {"Records": [{"messageId": "1", "body": body}]})

    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}


# Where a search first asks for it: it costs no other one a start.
LOADED_BY_CLOSE_SEARCHES = {"jellyfish"}


def test_nothing_is_in_the_layer_that_no_function_loads(built: Path) -> None:
    events: dict[str, object] = {"RefreshFunction": {}, "SearchKeysFunction": {}, "WorkerFunction": {"Records": []}}
    layer = built / "SharedLayer" / "python"
    there = {path.name.partition(".")[0] for path in layer.iterdir() if path.suffix != ".dist-info"} - {"__pycache__"}

    loaded = set[str]().union(*(invoke(built, name, events.get(name, {}))[1] for name in FUNCTIONS))

    assert loaded | LOADED_BY_CLOSE_SEARCHES == there


EVENTS = {
    "SearchFunction": "essearch",
    "CommonSearchFunction": "essearch-common",
    "DuplicateFunction": "duplicate",
    "ChartFunction": "chart",
    "PermissionsFunction": "revalidate",
    "RefreshFunction": "schedule",
    "WorkerFunction": "queue",
}


@pytest.mark.parametrize("function", EVENTS)
def test_a_built_function_does_its_work_on_its_event(built: Path, stack: Description, function: str) -> None:
    event = events(access_token(stack, stack.users.organizer))[EVENTS[function]]
    config = GatewayConfig(
        template=built / "template.yaml",
        layers=[built / "SharedLayer" / "python", packages()],
        interpreter=[str(interpreter())],
        environment={"*": json.loads(state_of(stack).environment_file.read_text())},
    )

    answer = asyncio.run(invoke_through_gateway(config, function, event))

    assert isinstance(answer, dict)
    assert answer.get("statusCode", 200) == 200
    assert not answer.get("batchItemFailures")


async def invoke_through_gateway(config: GatewayConfig, function: str, event: object) -> object:
    async with Gateway(config) as gateway:
        return await gateway.invoke(function, event)
