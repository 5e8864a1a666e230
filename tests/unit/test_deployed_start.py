"""A route starts as it is deployed, with references to secrets, and never imports boto3 on its way to an answer."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import boto3
import pytest

from tests.aws import REGION, empty_account
from tests.http_server import QuietHandler, listen
from tools.cloudformation import resolve, translate
from tools.house_rules.shape import FUNCTION, of_type, routes
from tools.openapi import route_modules
from tools.template import REQUIRED, Properties, read_template

ROOT = Path(__file__).parents[2]
# What a secret holds, under any of its keys.
SECRET = {
    "email": "search@example.org",
    "jwtSecret": "0123456789abcdef0123456789abcdef",
    "keys": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "password": "made-up",
    "secret": "made-up",
    "secretKey": "sb_secret_made-up",
    "url": "redis://127.0.0.1:1",
}
# Import a handler in a process that Lambda started, in which there is no boto3, and have it answer a stranger.
CHILD = """
import json, sys
from importlib import import_module

class NoBoto3:
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in {"boto3", "botocore", "s3transfer"}:
            raise ModuleNotFoundError(name)

class Context:
    aws_request_id = "1"
    def get_remaining_time_in_millis(self):
        return 1000

sys.meta_path.insert(0, NoBoto3())
module = import_module(sys.argv[1])
event = {"headers": {"authorization": "Bearer a.b.c"}, "body": "{}"}
print(json.dumps(module.handler(event, Context())["statusCode"]))
"""
# Goes before it: have the import of a library wait until AWS is asked, and say if that is too late.
IMPORTS_WAIT = """
import sys, time
from pathlib import Path

class AskedFirst:
    def find_spec(self, name, path, target=None):
        end = time.monotonic() + 10
        while name == "jwt" and not Path(sys.argv[2]).exists():
            if time.monotonic() > end:
                raise TimeoutError("AWS is asked only after all imports")
            time.sleep(0.01)

sys.meta_path.insert(0, AskedFirst())
"""

MODULES = sorted(route_modules())


@cache
def functions_by_module() -> Mapping[str, Properties]:
    template = resolve(translate(read_template(), REQUIRED), REQUIRED)
    functions = of_type(template, FUNCTION)
    return {functions[name]["Handler"].rpartition(".")[0]: functions[name] for name in routes(template).values()}


@pytest.fixture
def account() -> Iterator[str]:
    with empty_account() as url:
        client = boto3.client("secretsmanager", region_name=REGION)
        for name in {name for function in functions_by_module().values() for name in references(function)}:
            client.create_secret(Name=name, SecretString=json.dumps(SECRET))
        yield url


def references(function: Properties) -> set[str]:
    values = function["Environment"]["Variables"].values()
    return {found[1] for value in values if (found := re.fullmatch(r"secretsmanager:([^#]+)#\w+", str(value)))}


def start(module: str, account: str, *arguments: str, program: str = CHILD) -> subprocess.CompletedProcess[str]:
    variables = {name: str(value) for name, value in functions_by_module()[module]["Environment"]["Variables"].items()}
    lambdas = {
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_ENDPOINT_URL": account,
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1",
        "AWS_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(str(ROOT / folder) for folder in ("functions", "layers/shared")),
    }
    return subprocess.run(  # noqa: S603 - this interpreter and this file's program
        [sys.executable, "-c", program, module, *arguments],
        env=variables | lambdas,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_every_route_refers_to_secrets() -> None:
    assert sorted(functions_by_module()) == sorted(MODULES)
    assert all(references(function) for function in functions_by_module().values())


@pytest.mark.parametrize("module", MODULES)
def test_a_route_reads_its_secrets_and_answers_without_boto3(module: str, account: str) -> None:
    started = start(module, account)
    assert started.returncode == 0, started.stderr
    *logged, status = started.stdout.splitlines()
    assert status == "401"
    assert not [line for line in logged if '"level":"ERROR"' in line]
    assert started.stderr == ""


@pytest.mark.parametrize("module", MODULES)
def test_aws_is_asked_while_libraries_are_imported(module: str, tmp_path: Path) -> None:
    asked = tmp_path / "asked"

    class Aws(QuietHandler):
        def do_POST(self) -> None:  # noqa: N802 - http.server names it
            asked.touch()
            self.rfile.read(int(self.headers["content-length"]))
            self.send_answer(200, json.dumps({"SecretString": json.dumps(SECRET)}).encode(), ())

    with listen(Aws) as url:
        started = start(module, url, str(asked), program=IMPORTS_WAIT + CHILD)
    assert (started.stdout, started.stderr) == ("401\n", "")


@pytest.mark.parametrize("module", MODULES)
def test_a_secret_that_is_not_there_is_named_by_its_reason(module: str) -> None:
    with empty_account() as url:
        started = start(module, url)
    (line,) = (line for line in started.stdout.splitlines() if "misconfigured" in line)
    assert "secret not readable (ResourceNotFoundException): " in json.loads(line)["settings"]
    assert "petition/" not in started.stdout


def test_nothing_that_is_deployed_imports_boto3() -> None:
    sources = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "layers/shared").rglob("*.py")]
    found = {
        str(path.relative_to(ROOT))
        for path in sources
        if re.search(r"^\s+import boto3|^import boto", path.read_text(), re.MULTILINE)
    }
    assert found == set()
