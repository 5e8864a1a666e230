"""How much of our code a first request passes through, which is what somebody has to read to follow it."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from cryptography.fernet import Fernet

from local.description import Description
from tests.integration.lambda_process import SESSIONS, USER, encode_permissions, session
from tests.private_valkey import PrivateValkey
from tools.artifact import ROOT

CAMPAIGN = "5f0c2a4e-7d31-4b8e-9a16-3c0de2f4b7a1"
SOURCES = [ROOT / "functions", ROOT / "layers" / "shared"]
# Imports a handler as Lambda does, init hooks included, and then takes down each function that a first event enters.
PROGRAM = """
import json, sys
from importlib import import_module

class Context:
    aws_request_id = "1"
    def get_remaining_time_in_millis(self):
        return 20_000

module, event = import_module(sys.argv[1]), json.loads(sys.argv[2])
entered = set()

def take_down(frame, kind, _):
    if kind == "call":
        entered.add((frame.f_code.co_filename, frame.f_code.co_qualname))

sys.setprofile(take_down)
answer = module.handler(event, Context())
sys.setprofile(None)
print(json.dumps({"status": answer["statusCode"], "entered": sorted(entered)}))
"""


class Hops(NamedTuple):
    """The files of ours, and the functions in them."""

    files: set[str]
    functions: set[tuple[str, str]]


def follow(module: str, body: Mapping[str, object], environment: Mapping[str, str]) -> Hops:
    """Send a body to a handler in a process of its own."""
    event = {
        "headers": {"content-type": "application/json", "authorization": f"Bearer {session()}"},
        "body": json.dumps(body),
    }
    done = subprocess.run(  # noqa: S603 - this interpreter and this file's program
        [sys.executable, "-c", PROGRAM, module, json.dumps(event)],
        env={
            "PYTHONPATH": ":".join(map(str, SOURCES)),
            "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
            **SESSIONS,
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["status"] == 200, done.stdout
    ours = {
        (file, name) for file, name in answer["entered"] if any(Path(file).is_relative_to(each) for each in SOURCES)
    }
    return Hops({file for file, _ in ours}, ours)


def test_a_first_duplicate_check_is_short_to_follow(valkey: PrivateValkey) -> None:
    valkey.client.set(f"permissions-{USER}", encode_permissions("signers:check"))
    valkey.client.sadd(f"campaign:{CAMPAIGN}:signers", "*", "v")  # the set and its mark of being whole
    environment = {"REDIS_URL": valkey.url, "SUPABASE_SECRET_KEY": "made up"}
    hops = follow("duplicate.app", {"campaignId": CAMPAIGN, "voterId": "v"}, environment)
    assert len(hops.files) <= 12, hops.files
    assert len(hops.functions) <= 50, hops.functions


def test_a_first_common_search_is_short_to_follow(valkey: PrivateValkey, stack: Description) -> None:
    valkey.client.set(f"permissions-{USER}", encode_permissions("voters:search"))
    environment = {
        "COOKIE_KEYS": Fernet.generate_key().decode(),
        "DIRECTUS_API_EMAIL_SEARCH": stack.directus.search_email,
        "DIRECTUS_API_PASSWORD_SEARCH": stack.directus.search_password,
        "DIRECTUS_URL_SEARCH": stack.directus.url,
        "REDIS_URL": valkey.url,
        "SUPABASE_SECRET_KEY": "made up",
    }
    hops = follow("essearch.common", {"lastName": "Lee"}, environment)
    assert len(hops.files) <= 17, hops.files
    assert len(hops.functions) <= 85, hops.functions
