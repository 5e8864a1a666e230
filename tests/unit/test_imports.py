"""What each function may import before its first answer. It is a list, because times depend on the machine."""

import json
import os
import re
import subprocess
import sys
from importlib import metadata

import pytest

from local.gateway.template import load
from tools.artifact import ROOT

DEFINITIONS = {"pydantic", "pydantic_core", "annotated_types", "typing_inspection"}
LOGS = {"aws_lambda_powertools", "jmespath"}
SESSIONS = {"jwt", "cryptography", "_cffi_backend"}
REDIS = {"redis"}
HTTP = {"httpx", "httpcore", "h11", "certifi", "idna"}
DATABASE = HTTP | DEFINITIONS | {"postgrest", "deprecation", "packaging", "yarl", "multidict", "propcache"}

COMMON = {"petition", "msgspec", "typing_extensions"} | LOGS
MAY_IMPORT = {
    "duplicate.app": COMMON | SESSIONS | REDIS,
    "essearch.app": COMMON | SESSIONS | REDIS | HTTP,
    "essearch.common": COMMON | SESSIONS | REDIS | HTTP,
    "essearch.refresh_keys": COMMON | SESSIONS | REDIS | HTTP,
    "charts.app": COMMON | SESSIONS | REDIS | DATABASE,
    "charts.refresh": COMMON | DATABASE,
    "charts.worker": COMMON | DATABASE,
    "duplicate.sync": COMMON | REDIS | {"cryptography"} | DATABASE,
    "duplicate.rebuild": COMMON | REDIS | {"cryptography"} | DATABASE,
    "permissions.app": COMMON | SESSIONS | REDIS,
}
# Whole modules, or parts of those above and of Python, that cost start-up and that no first answer needs.
NEVER = {
    "aws_lambda_powertools.event_handler",
    "aws_xray_sdk",
    "boto3",
    "botocore",
    "click",
    "cryptography.x509.extensions",
    "http.server",
    "multiprocessing",
    "opentelemetry",
    "petition.config.secret_stores",
    "pydantic.v1",
    "pydantic_settings",
    "realtime",
    "redis.asyncio.client",
    "redis.commands.search",
    "socketserver",
    "sqlite3",
    "storage3",
    "supabase",
    "unittest",
    "websockets",
    "xml",
}
# Import a handler without what the layer leaves out, have it answer a stranger, tell the modules.
CHILD = """
import json, sys
from importlib import import_module

class NotInTheLayer:
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(name)

class Context:
    aws_request_id = "1"
    def get_remaining_time_in_millis(self):
        return 1000

handler, *absent = sys.argv[1:]
sys.meta_path.insert(0, NotInTheLayer())
before = set(sys.modules)
module = import_module(handler)
if hasattr(module, "ROUTE"):
    status = module.handler({"headers": {"authorization": "Bearer a.b.c"}, "body": "{}"}, Context())["statusCode"]
    assert status == 401, status
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_the_list_names_every_function_of_the_template() -> None:
    handlers = {function.handler for function in load(ROOT / "template.yaml").functions.values()}

    assert {handler.rpartition(".")[0] for handler in handlers} == MAY_IMPORT.keys()


@pytest.mark.parametrize("handler", MAY_IMPORT)
def test_a_function_imports_only_what_it_may(handler: str, not_in_the_layer: list[str]) -> None:
    loaded = _modules_loaded_by(handler, not_in_the_layer)
    packages = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names
    foreign = {
        name
        for name in packages
        if not name.startswith(("_sysconfigdata", "_cython_", "cython_runtime")) and name != "_openssl"
    }

    assert foreign - {handler.partition(".")[0]} <= MAY_IMPORT[handler]
    assert not {name for name in loaded for never in NEVER if name == never or name.startswith(f"{never}.")}


@pytest.fixture(scope="module")
def not_in_the_layer() -> list[str]:
    """Packages of this environment that a function does not find on Lambda."""
    lock = (ROOT / "requirements" / "runtime.txt").read_text()
    held = set(re.findall(r"^([a-z0-9._-]+)==", lock, re.MULTILINE))
    found = metadata.packages_distributions()
    return [package for package, owners in found.items() if not any(_normal(owner) in held for owner in owners)]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _modules_loaded_by(handler: str, absent: list[str]) -> list[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(str(ROOT / folder) for folder in ("functions", "layers/shared")),
        "PYDANTIC_DISABLE_PLUGINS": "__all__",
        "SUPABASE_URL": "https://project.supabase.co",
    }
    command = [sys.executable, "-c", CHILD, handler, *absent]
    done = subprocess.run(  # noqa: S603 - this interpreter and this file's program
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    names: list[str] = json.loads(done.stdout.splitlines()[-1])
    return names
