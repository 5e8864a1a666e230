"""What a process says at its start about the settings that it was given."""

import json
import os
import subprocess
import sys

import pytest

from local.gateway.template import load
from petition.config.init import run_init_hooks
from tools.artifact import ROOT

COMPLETE = {
    "CHART_QUEUE_URL": "https://sqs.example/charts",
    "COOKIE_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "DIRECTUS_API_EMAIL_KEYS": "keys@example.org",
    "DIRECTUS_API_EMAIL_SEARCH": "search@example.org",
    "DIRECTUS_API_PASSWORD_KEYS": "made up",
    "DIRECTUS_API_PASSWORD_SEARCH": "made up",
    "DIRECTUS_URL_SEARCH": "https://directus.example",
    "REDIS_URL": "rediss://redis.example",
    "SIGNERS_QUEUE_URL": "https://sqs.example/signers",
    "SUPABASE_SECRET_KEY": "sb_secret_made_up",
    "SUPABASE_URL": "https://project.example",
}
CALLERS = {"REDIS_URL", "SUPABASE_URL"}
PERMISSIONS = CALLERS | {"SUPABASE_SECRET_KEY"}
COMMON_LOGIN = {"DIRECTUS_URL_SEARCH", "DIRECTUS_API_EMAIL_SEARCH", "DIRECTUS_API_PASSWORD_SEARCH"}
NEEDS = {
    "charts.app": PERMISSIONS | {"CHART_QUEUE_URL"},
    "charts.refresh": {"SUPABASE_URL", "SUPABASE_SECRET_KEY", "CHART_QUEUE_URL"},
    "charts.worker": {"SUPABASE_URL", "SUPABASE_SECRET_KEY"},
    "duplicate.app": PERMISSIONS | {"SIGNERS_QUEUE_URL"},
    "duplicate.sync": PERMISSIONS | {"SIGNERS_QUEUE_URL"},
    "duplicate.rebuild": PERMISSIONS | {"SIGNERS_QUEUE_URL"},
    "essearch.app": PERMISSIONS | {"COOKIE_KEYS"} | COMMON_LOGIN,
    "essearch.common": PERMISSIONS | {"COOKIE_KEYS"} | COMMON_LOGIN,
    "essearch.refresh_keys": {"DIRECTUS_URL_SEARCH", "DIRECTUS_API_EMAIL_KEYS", "DIRECTUS_API_PASSWORD_KEYS"},
    "permissions.app": CALLERS,
}


def settings_in_log(module: str, environment: dict[str, str], *, on_lambda: bool = True) -> list[str]:
    """Return the settings that each line of the log names while a handler's module is imported."""
    path = os.pathsep.join(str(ROOT / folder) for folder in ("functions", "layers/shared"))
    runtime = {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9"} if on_lambda else {}
    done = subprocess.run(  # noqa: S603 - this interpreter and a program of this test's own
        [sys.executable, "-c", f"import {module}"],
        env={"PYTHONPATH": path, **runtime, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    named = [line["settings"] for line in lines if "settings" in line]
    assert [line["ConfigurationErrors"] for line in lines if "settings" not in line] == [[1.0]] * len(named)
    return named


def test_every_function_is_looked_at() -> None:
    handlers = {function.handler for function in load(ROOT / "template.yaml").functions.values()}
    assert {handler.rpartition(".")[0] for handler in handlers} == NEEDS.keys()


@pytest.mark.parametrize("module", NEEDS)
def test_one_line_names_all_that_is_missing(module: str) -> None:
    [line] = settings_in_log(module, {})
    assert line == "Environment variables not set: " + ", ".join(sorted(NEEDS[module]))


@pytest.mark.parametrize("module", NEEDS)
def test_a_function_that_is_set_up_well_says_nothing(module: str) -> None:
    assert settings_in_log(module, COMPLETE) == []


def test_what_is_wrong_is_told_from_what_is_missing_and_no_value_is_shown() -> None:
    wrong = {"REDIS_URL": "hush://hush", "SUPABASE_JWT_SECRET": "too short", "PERMISSIONS_TTL_SECONDS": "soon"}
    [line] = settings_in_log("duplicate.app", COMPLETE | wrong | {"SUPABASE_SECRET_KEY": ""})
    assert line == (
        "Environment variables not set: SUPABASE_SECRET_KEY; "
        "malformed: PERMISSIONS_TTL_SECONDS, REDIS_URL, SUPABASE_JWT_SECRET"
    )


def test_a_secret_that_cannot_be_read_is_named() -> None:
    [line] = settings_in_log("duplicate.app", COMPLETE | {"SUPABASE_SECRET_KEY": "secretsmanager:hush-hush#key"})
    assert line == "Environment variables secret not readable (NoCredentialsError): SUPABASE_SECRET_KEY"


@pytest.mark.parametrize("fields", ["{", "[]", '{"lastName": 1}', '{lastName: "last"}'])
def test_a_setting_that_is_no_json_is_named(fields: str) -> None:
    [line] = settings_in_log("essearch.common", COMPLETE | {"PERSONS_FIELDS": fields})
    assert line == "Environment variables malformed: PERSONS_FIELDS"


@pytest.mark.parametrize(
    "url",
    [
        *("redis.example:6379", "rediss://", "redis://default:hush@fly-hush.upstash.io:6379", "unix:///tmp/hush"),
        *("rediss://redis.example?ssl_cert_reqs=none", "redis://redis.example?retry_on_timeout=yes"),
    ],
)
def test_an_address_of_redis_that_cannot_be_meant_is_named(url: str) -> None:
    [line] = settings_in_log("duplicate.app", COMPLETE | {"REDIS_URL": url})
    assert line == "Environment variables malformed: REDIS_URL"


@pytest.mark.parametrize(
    "url",
    [
        *("redis://127.0.0.1:6379/1", "redis://default:made-up@localhost", "redis://cache.internal:6379"),
        "rediss://default:made-up@fly-made-up.upstash.io:6379",
    ],
)
def test_an_address_of_redis_is_taken(url: str) -> None:
    assert settings_in_log("duplicate.app", COMPLETE | {"REDIS_URL": url}) == []


@pytest.mark.parametrize(
    ("module", "needs"),
    [("duplicate.app", ["REDIS_URL", "SIGNERS_QUEUE_URL"]), ("essearch.common", [*COMMON_LOGIN, "COOKIE_KEYS"])],
)
def test_a_route_that_is_open_needs_nothing_of_sessions(module: str, needs: list[str]) -> None:
    assert settings_in_log(module, {"ALLOW_ANONYMOUS": "true"} | {name: COMPLETE[name] for name in needs}) == []


def test_what_takes_too_long_is_left_to_the_first_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9")
    monkeypatch.setattr("petition.config.init.SECONDS", 0.0)
    made: list[str] = []
    run_init_hooks(lambda: made.append("first"), lambda: made.append("second"))
    assert made == []


def test_what_cannot_be_made_for_any_reason_does_not_end_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9")
    made: list[str] = []
    run_init_hooks(lambda: 1 / 0, lambda: made.append("second"))
    assert made == ["second"]


def test_a_tool_that_imports_a_handler_is_told_nothing() -> None:
    assert settings_in_log("duplicate.app", {}, on_lambda=False) == []
