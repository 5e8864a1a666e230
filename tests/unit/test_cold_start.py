"""What every process does at its start, in a process of its own."""

import json
import os
import subprocess
import sys

import pytest

from petition.cold_start import UNUSED
from tools.artifact import ROOT


def tell(program: str) -> object:
    """Return what a new process prints."""
    path = os.pathsep.join(str(ROOT / folder) for folder in ("functions", "layers/shared"))
    done = subprocess.run(  # noqa: S603 - this interpreter and a program of this test's own
        [sys.executable, "-c", program],
        env={"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("handler", ["duplicate.app", "essearch.common", "charts.app", "charts.worker"])
def test_a_start_is_not_interrupted_by_the_garbage_collector(handler: str) -> None:
    program = f"""
import gc, json
usual = gc.get_threshold()
import petition
stops = []
gc.callbacks.append(lambda phase, details: stops.append(phase))
import {handler}
print(json.dumps([len(stops), gc.get_freeze_count() > 10_000, gc.get_threshold() == usual]))
"""
    assert tell(program) == [0, True, True]


def test_a_package_that_nothing_uses_is_loaded_by_its_first_use() -> None:
    program = """
import json, sys
import petition, redis
before = "redis.asyncio.client" in sys.modules
client = redis.asyncio.Redis
print(json.dumps([before, client.__module__, hasattr(redis.asyncio, "no_such_name"), redis.asyncio.Redis is client]))
"""
    assert tell(program) == [False, "redis.asyncio.client", False, True]


@pytest.mark.parametrize("package", sorted(UNUSED))
def test_every_part_of_such_a_package_can_be_imported_first(package: str) -> None:
    program = f"""
import json, os, pkgutil
import petition, {package}
children = []
for part in pkgutil.iter_modules({package}.__path__, "{package}."):
    if not (child := os.fork()):
        __import__(part.name)
        os._exit(0)
    children.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(json.dumps([len(children) > 3, set(children) == {{0}}]))
"""
    assert tell(program) == [True, True]


def test_a_part_of_such_a_package_can_be_imported_alone() -> None:
    program = """
import json, sys
import petition
from redis.asyncio.observability import recorder
before = "redis.asyncio.client" in sys.modules
from redis.asyncio import Redis
print(json.dumps([before, Redis.__module__]))
"""
    assert tell(program) == [False, "redis.asyncio.client"]


def test_two_threads_that_use_such_a_package_first_both_find_it_whole() -> None:
    program = """
import json, sys
from threading import Barrier, Thread
import petition, idna
sys.setswitchinterval(1e-6)
barrier, found = Barrier(8), []
def use():
    barrier.wait()
    found.append(idna.encode("bücher.example").decode())
threads = [Thread(target=use) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(found))
"""
    assert tell(program) == ["xn--bcher-kva.example"] * 8
