import asyncio
from collections.abc import Mapping

import pytest

from local.gateway import TemplateError
from local.gateway import schedules as gateway_schedules
from local.gateway.errors import FunctionError
from local.gateway.events import Json
from local.gateway.schedules import run_schedules, seconds_of
from local.gateway.template import Schedule, load
from local.stack import SCHEDULES
from local.state import ROOT

EVERY_MINUTE = Schedule("Sync", "rate(1 minute)", is_enabled=True)


@pytest.mark.parametrize(
    ("expression", "seconds"), [("rate(1 minute)", 60), ("rate(15 minutes)", 900), ("rate(1 hour)", 3600)]
)
def test_a_rate_is_a_pause(expression: str, seconds: int) -> None:
    assert seconds_of(expression) == seconds


@pytest.mark.parametrize("expression", ["", "rate(1)", "cron(0 * * * ? *)", "rate(1 fortnight)"])
def test_anything_else_is_a_mistake_of_the_template(expression: str) -> None:
    with pytest.raises(TemplateError):
        seconds_of(expression)


def test_the_stacks_own_schedules_are_rates_of_the_template() -> None:
    known = load(ROOT / "template.yaml").schedules
    assert [seconds_of(known[name].expression) for name in SCHEDULES] == [60]


def run(schedules: Mapping[str, Schedule], *, runs: int, fails: bool = False) -> list[str]:
    """Return the functions that are invoked in the first runs, each after its pause."""
    invoked = list[str]()

    async def invoke(function: str, event: object) -> Json:
        assert isinstance(event, dict)
        invoked.append(function)
        if len(invoked) == runs:
            raise asyncio.CancelledError
        if fails:
            raise FunctionError(function)
        return {}

    async def until_cancelled() -> None:
        await asyncio.wait_for(run_schedules(schedules, [*schedules], invoke), 10)

    asyncio.run(until_cancelled())
    return invoked


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_schedules, "seconds_of", lambda _: 0)


@pytest.mark.usefixtures("_at_once")
@pytest.mark.parametrize("fails", [False, True])
def test_a_function_runs_again_and_again_also_after_a_failure(*, fails: bool) -> None:
    assert run({"Minutely": EVERY_MINUTE}, runs=3, fails=fails) == ["Sync"] * 3


@pytest.mark.usefixtures("_at_once")
def test_a_disabled_schedule_does_not_run() -> None:
    assert run({"Off": Schedule("Sync", "rate(1 minute)", is_enabled=False)}, runs=1) == []


def test_a_schedule_that_the_template_does_not_have_is_named() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(run_schedules({}, ["Minutely"], lambda *_: asyncio.sleep(0, {})))
    assert "Minutely" in str(caught.value.exceptions[0])
