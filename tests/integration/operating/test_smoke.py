"""`make smoke` on the real stack, as it is and with one thing wrong."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.description import Description
from local.gateway.config import Code
from local.session import access_token
from local.state import ROOT, State
from tests.integration.gateway.harness import Start
from tests.stack_state import state_of
from tools import smoke
from tools.smoke_checks import Target, route_faults

TEMPLATE = ROOT / "template.yaml"
LAYER = ROOT / "layers" / "shared"
ROUTES = len(json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))["paths"])
LOG = "Look at the log: the log of DuplicateFunction"
NOWHERE = "127.0.0.1:9"

type Faults = Callable[..., list[str]]


@pytest.fixture
def faults(stack: Description, start: Start) -> Faults:
    """Find the faults of a gateway on the stack's services, started with the test's own settings."""
    token = access_token(stack, stack.users.organizer)
    environment = json.loads(state_of(stack).environment_file.read_text())

    def run(variables: dict[str, str] | None = None, template: Path = TEMPLATE, **settings: Any) -> list[str]:  # noqa: ANN401
        given = {"template": template, "layers": [LAYER], "environment": {"*": environment | (variables or {})}}
        api = start(**given | settings).gateway.url
        target = Target(api, "the log of {function}", token, stack.campaign.id, stack.campaign.signed_voter_id)
        return [*route_faults(replace(target, chart=stack.chart.id), lambda _: None)]

    return run


def test_a_stack_that_is_right_passes(
    stack: Description, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(State, "default", lambda: state_of(stack))

    smoke.main("local")

    assert capsys.readouterr().out.count("ok ") == ROUTES


def test_a_stack_that_does_not_run_is_told_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(State, "default", lambda: State(tmp_path))

    with pytest.raises(smoke.SmokeError, match="make dev"):
        smoke.main("local")


@pytest.mark.parametrize(
    ("variable", "value", "routes", "meaning"),
    [
        ("DIRECTUS_API_PASSWORD_SEARCH", "wrong", 2, "502 upstream_error"),
        ("REDIS_URL", f"redis://{NOWHERE}", 2, "503 redis_unavailable"),
        ("SUPABASE_SECRET_KEY", "sb_secret_of_another_project", 1, "502 upstream_error"),
        ("COOKIE_KEYS", "no key", 2, "500 internal_error"),
        ("SUPABASE_JWT_SECRET", "x" * 32, ROUTES, "401 unauthenticated"),
    ],
)
def test_a_wrong_secret_is_told_of_with_the_log_to_read(
    faults: Faults, variable: str, value: str, routes: int, meaning: str
) -> None:
    found = faults({variable: value})

    assert len(found) >= routes
    assert all("Look at the log: the log of " in fault for fault in found)
    assert any(meaning in fault for fault in found)
    assert not any(value in fault for fault in found)


def test_a_route_that_is_missing_is_told_of(faults: Faults, tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    path = "Path: /api/duplicate}"
    text = TEMPLATE.read_text()
    assert path in text
    # Beside the functions' folder, which the template names.
    (tmp_path / "functions").symlink_to(ROOT / "functions")
    template.write_text(text.replace(path, "Path: /api/another}"))

    assert [fault for fault in faults(template=template) if fault.startswith("POST /api/duplicate")] == [
        f"POST /api/duplicate answers {whom} 404 as the API has no such route, not {wanted}. {LOG}"
        for whom, wanted in (("a stranger", 401), ("a session", 200))
    ]


def test_a_function_that_crashes_at_its_import_is_told_of(faults: Faults, tmp_path: Path) -> None:
    package = tmp_path / "permissions"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "app.py").write_text("import a_module_that_nobody_has\n")

    found = faults(code={"PermissionsFunction": Code(tmp_path, [LAYER])})

    assert len(found) == 2
    assert all(fault.startswith("POST /api/permissions/revalidate") for fault in found)
    assert all("500 as the function crashed, or could not start" in fault for fault in found)


def test_an_address_where_nothing_answers_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.smoke_checks.PAUSE_SECONDS", 0)

    found = [*route_faults(Target(f"http://{NOWHERE}", "{function}"), lambda _: None)]

    assert len(found) == ROUTES
    assert all("cannot be reached: nothing answers at" in fault for fault in found)


def test_a_route_that_is_open_to_all_need_not_refuse_a_stranger(faults: Faults, stack: Description) -> None:
    answer = httpx.post(f"{stack.api}/api/duplicate")
    assert answer.status_code == httpx.codes.UNAUTHORIZED
    found = faults({"ALLOW_ANONYMOUS": "true"})

    assert {fault.split()[1] for fault in found} == {"/api/essearch-common", "/api/duplicate"}
    assert all("answers a stranger 400 invalid_json" in fault for fault in found)
