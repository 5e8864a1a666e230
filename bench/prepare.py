"""Writing down what the measured programs get: the request of each, and the round trips that the floor makes."""

import json
from collections.abc import Mapping
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from bench.children import check_answer, run_child
from bench.routes import Route, event
from bench.stack import BenchStack
from bench.variants import Name, Variant
from bench.warm import PROGRAMS


def prepare(route: Route, stack: BenchStack, programs: Mapping[Name, Variant]) -> None:
    """Write the requests, with a fresh cookie of Directus where the route keeps one, and the floor's round trips.

    Raises:
        BenchError: a program does not answer the request.
    """
    for name in PROGRAMS:
        _write(programs[name], event(route, stack))
        cookies = _cookies(_first_answer(programs[name]))
        _write(programs[name], event(route, stack, cookies))
    with run_child(programs["ours"], "warm") as child:
        trips = child.line()["trips"]
    Path(programs["floor"].environment["BENCH_TRIPS"]).write_text(json.dumps(trips))


def _first_answer(variant: Variant) -> dict[str, Any]:
    with run_child(variant, "first_answer") as child:
        return check_answer(child.line())


def _cookies(answer: dict[str, Any]) -> list[str]:
    """What a browser sends back."""
    jars = (SimpleCookie(cookie) for cookie in answer.get("cookies", []))
    return [f"{name}={morsel.value}" for jar in jars for name, morsel in jar.items()]


def _write(variant: Variant, content: Mapping[str, object]) -> None:
    variant.event.write_text(json.dumps(content))
