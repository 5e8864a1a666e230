"""What `sam build` makes, for either architecture, on this machine."""

import importlib.util
import io
import json
import os
import platform
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from local.state import ROOT
from tests.lambda_runtime import interpreter, packages
from tools.build_layer import LEFT_OUT, LEFT_OUT_FOLDERS
from tools.cloudformation import read

ARCHITECTURES = ("arm64", "x86_64")
HERE = "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"
# e_machine in the header of an ELF file: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
MACHINES = {"arm64": 183, "x86_64": 62}
UNCHECKED_HASH = 1  # https://peps.python.org/pep-0552/
MEGABYTE = 1_000_000
FUNCTIONS = {n: r for n, r in read()["Resources"].items() if r["Type"] == "AWS::Serverless::Function"}


def checkout(source: Path, folder: Path) -> Path:
    """A copy of what a build needs, so that it is from one moment."""
    for name in ("functions", "layers", "requirements", "tools"):
        shutil.copytree(source / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("samconfig.toml", "template.yaml"):
        shutil.copy(source / name, folder)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


def sam_build(project: Path, architecture: str) -> Path:
    """Build for an architecture with nothing on the path but make and a shell: no compiler, no container."""
    built, path = project / f"built-{architecture}", project / f"path-{architecture}"
    path.mkdir()
    for tool in ("make", "sh", "bash"):
        (path / tool).symlink_to(str(shutil.which(tool)))
    subprocess.run(  # noqa: S603 - our own arguments
        [".venv/bin/sam", "build", "--build-dir", built, "--parameter-overrides", f"Architecture={architecture}"],
        cwd=project,
        env=os.environ | {"PATH": str(path), "SAM_CLI_TELEMETRY": "0"},
        check=True,
        capture_output=True,
        timeout=300,
    )
    return built


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkout(ROOT, tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="session")
def builds(project: Path) -> Mapping[str, Path]:
    return {each: sam_build(project, each) for each in ARCHITECTURES}


@pytest.fixture(params=ARCHITECTURES)
def build(request: pytest.FixtureRequest, builds: Mapping[str, Path]) -> Path:
    return builds[request.param]


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in files(folder)}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_native_code_is_of_the_chosen_architecture(builds: Mapping[str, Path], architecture: str) -> None:
    native = [path for path in files(builds[architecture]) if path.suffix == ".so"]

    assert {int.from_bytes(path.read_bytes()[18:20], "little") for path in native} == {MACHINES[architecture]}
    assert len(native) >= 3


def test_two_builds_are_the_same_bytes_wherever_they_are_made(
    project: Path, builds: Mapping[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "another place").mkdir()

    again = sam_build(checkout(project, tmp_path / "another place"), HERE)

    assert contents(again) == contents(builds[HERE])


def test_the_layer_is_small_enough_to_load_fast(build: Path) -> None:
    layer = build / "SharedLayer"
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files(layer):
            archive.write(path, path.relative_to(layer))

    assert sum(path.stat().st_size for path in files(layer)) <= 40 * MEGABYTE
    assert len(zipped.getvalue()) <= 15 * MEGABYTE


def test_every_module_has_bytecode_that_lambda_uses_without_looking_at_the_source(build: Path) -> None:
    sources = [path for path in files(build) if path.suffix == ".py"]

    for source in sources:
        bytecode = Path(importlib.util.cache_from_source(str(source))).read_bytes()
        assert bytecode[:4] == importlib.util.MAGIC_NUMBER
        assert int.from_bytes(bytecode[4:8], "little") == UNCHECKED_HASH
    assert len(sources) > 400


def test_tracebacks_name_the_files_as_they_are_on_lambda(build: Path) -> None:
    everything = b"".join(path.read_bytes() for path in files(build) if path.suffix == ".pyc")

    assert b"/opt/python/petition/api.py" in everything
    assert b"/var/task/essearch/app.py" in everything
    assert str(build.parent).encode() not in everything


def test_nothing_is_in_the_build_that_lambda_has_or_nobody_needs(build: Path) -> None:
    layer = build / "SharedLayer" / "python"
    names = {path.name.lower().replace("_", "-") for path in layer.iterdir()}

    assert not names & {"boto3", "botocore", "pip", "setuptools", "bin", *LEFT_OUT}
    assert not [part for part in LEFT_OUT_FOLDERS if (layer / part).exists()]
    assert not [path for path in files(build) if path.suffix in {".pyi", ".c", ".pxd"} or "tests" in path.parts]


def test_every_distribution_keeps_its_licence_and_its_name_for_scanners(build: Path) -> None:
    described = [*(build / "SharedLayer" / "python").glob("*.dist-info")]

    assert all((each / "METADATA").exists() for each in described)
    assert len(described) >= 14


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_holds_its_own_feature_alone(build: Path, function: str) -> None:
    feature = FUNCTIONS[function]["Properties"]["Handler"].partition(".")[0]

    assert [path.name for path in (build / function).iterdir()] == [feature]


needs_this_machine = pytest.mark.skipif(platform.system() != "Linux", reason="Lambda's native code runs on Linux alone")

INVOKE = """
import json, sys
from importlib import import_module
from petition import upstream
module, _, name = sys.argv[1].rpartition(".")
class Context:
    aws_request_id = "from-lambda"
    def get_remaining_time_in_millis(self): return 3000
try:
    answer = getattr(import_module(module), name)(json.loads(sys.argv[2]), Context())
except Exception as error:
    answer = {"raised": type(error).__name__}
loaded = {m.partition(".")[0] for m, v in sys.modules.items() if sys.argv[3] in (getattr(v, "__file__", "") or "")}
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
    """One invocation on the built artefacts alone: the answer, and what it loaded from the layer."""
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


@needs_this_machine
@pytest.mark.parametrize(
    "function", [name for name, each in FUNCTIONS.items() if "Post" in each["Properties"]["Events"]]
)
def test_a_built_route_answers_without_anything_of_this_machine(builds: Mapping[str, Path], function: str) -> None:
    event = {"version": "2.0", "headers": {"content-type": "application/json"}, "body": "{}"}

    answer, _ = invoke(builds[HERE], function, event)

    assert answer["statusCode"] == 401
    assert json.loads(str(answer["body"]))["code"] == "unauthenticated"


@needs_this_machine
def test_the_built_schedule_reaches_out_for_the_due_charts(builds: Mapping[str, Path]) -> None:
    answer, _ = invoke(builds[HERE], "RefreshFunction", {})

    assert answer == {"raised": "UpstreamError"}


@needs_this_machine
def test_the_built_worker_gives_back_what_it_could_not_do(builds: Mapping[str, Path]) -> None:
    body = json.dumps({"chart_id": "01a2074c-0000-7000-8000-3e29c40bab57", "requested_at": "2026-11-23T00:00:00Z"})

    answer, _ = invoke(builds[HERE], "WorkerFunction", {"Records": [{"messageId": "1", "body": body}]})

    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}


@needs_this_machine
def test_nothing_is_in_the_layer_that_no_function_loads(builds: Mapping[str, Path]) -> None:
    events: dict[str, object] = {"RefreshFunction": {}, "WorkerFunction": {"Records": []}}
    layer = builds[HERE] / "SharedLayer" / "python"
    there = {path.name.partition(".")[0] for path in layer.iterdir() if path.suffix != ".dist-info"} - {"__pycache__"}

    loaded = set[str]().union(*(invoke(builds[HERE], name, events.get(name, {}))[1] for name in FUNCTIONS))

    assert loaded == there
