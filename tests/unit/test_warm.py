import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from petition.process_singleton import process_singleton

ROOT = Path(__file__).parents[2]

# Fills what a process keeps, takes the step that Lambda's runtime takes after a restore, and says what is left.
PROGRAM = """
import json, sys
from importlib import import_module

routes = ("essearch.app", "duplicate.app", "permissions.app", "charts.app")
for name in (*routes, "charts.refresh", "charts.worker", "duplicate.sync", "duplicate.rebuild"):
    import_module(name)
from essearch import credential_sets, credentials
from petition.auth import session
from petition.clients import directus_login, directus_token, redis, service_role
from petition.config import secrets
from petition.upstream import client as upstream, deadline_transport
from permissions import frontend

filled = [
    redis.connection, redis._settings, upstream.http_client, deadline_transport.connections, secrets._cache,
    session.authenticator,
    service_role.service_role, directus_token.token_cookie, directus_login.logins, frontend.frontend,
]
for make in filled:
    make()
credentials.find_credentials(credential_sets.COMMON_KEYS)
filled.append(credentials.find_credentials)
from awslambdaric.lambda_runtime_hooks_runner import run_after_restore
run_after_restore()
print(json.dumps({make.__module__ + "." + make.__name__: make.cache_info().currsize for make in filled}))
"""
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "COOKIE_SEALED": "false",
    "DIRECTUS_API_EMAIL_SEARCH": "search@example.org",
    "DIRECTUS_API_PASSWORD_SEARCH": "made up",
    "DIRECTUS_URL_SEARCH": "https://directus.example",
    "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("functions", "layers/shared")),
    "REDIS_URL": "redis://127.0.0.1:9",
    "SUPABASE_SECRET_KEY": "made up",
    "SUPABASE_URL": "https://project.example",
}


def singletons(initialization: str) -> dict[str, int]:
    run = subprocess.run(  # noqa: S603 - a program of this test's own
        [sys.executable, "-c", PROGRAM],
        env=ENVIRONMENT | {"AWS_LAMBDA_INITIALIZATION_TYPE": initialization},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    sizes: dict[str, int] = json.loads(run.stdout)
    return sizes


def test_after_a_restore_nothing_is_left_that_was_connected_signed_in_or_read() -> None:
    assert set(singletons("snap-start").values()) == {0}


@pytest.mark.parametrize("initialization", ["on-demand", "provisioned-concurrency"])
def test_without_a_snapshot_everything_is_kept(initialization: str) -> None:
    assert set(singletons(initialization).values()) == {1}


def test_threads_that_ask_together_get_the_same_one() -> None:
    together = threading.Barrier(4, timeout=5)

    @process_singleton
    def value() -> object:
        time.sleep(0.01)
        return object()

    def ask(_: int) -> object:
        together.wait()
        return value()

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(ask, range(4)))) == 1
