"""Writing down what the measured programs get: the request of each, and the round trips that the floor makes."""

import json
from collections.abc import Iterable, Mapping
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from bench.children import check_answer, run_child
from bench.routes import Route, event
from bench.stack import BenchStack
from bench.variants import COMPARED, Name, Variant


def prepare(route: Route, stack: BenchStack, programs: Mapping[Name, Variant]) -> None:
    """Write the requests, with a fresh cookie of Directus where the route keeps one, and the floor's round trips.

    Raises:
        BenchError: a program does not answer the request.
    """
    write_requests(route, stack, (programs[name] for name in COMPARED))
    with run_child(programs["ours"], "warm") as child:
        trips = child.line()["trips"]
    Path(programs["floor"].environment["BENCH_TRIPS"]).write_text(json.dumps(trips))


def write_requests(route: Route, stack: BenchStack, programs: Iterable[Variant]) -> None:
    """Write the request of each program, with a fresh cookie of its own where the route keeps one.

    Raises:
        BenchError: a program does not answer the request.
    """
    for program in programs:
        _write(program, event(route, stack))
        cookies = _cookies(_first_answer(program))
        _write(program, event(route, stack, cookies))


def _first_answer(variant: Variant) -> dict[str, Any]:
    with run_child(variant, "first_answer") as child:
        return check_answer(child.line())


def _cookies(answer: dict[str, Any]) -> list[str]:
    """What a browser sends back."""
    jars = (SimpleCookie(cookie) for cookie in answer.get("cookies", []))
    return [f"{name}={morsel.value}" for jar in jars for name, morsel in jar.items()]


def _write(variant: Variant, content: Mapping[str, object]) -> None:
    variant.event.write_text(json.dumps(content))
