"""The builds that these tests look at, made once."""

import os
from functools import cache, partial
from pathlib import Path

import pytest

from local.state import ROOT
from tests.integration.sam_build.building import ARCHITECTURES, HERE, Build, checkout, sam_build


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkout(ROOT, tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="session")
def build_for(project: Path) -> Build:
    """A build for an architecture, made when it is first asked for."""
    return cache(partial(sam_build, project))


@pytest.fixture(params=ARCHITECTURES)
def build(request: pytest.FixtureRequest, build_for: Build) -> Path:
    return build_for(request.param)


@pytest.fixture(scope="session")
def built(build_for: Build) -> Path:
    """The build for this machine: that of the whole run of tests, where there is one."""
    if of_run := os.environ.get("BUILD"):
        return ROOT / of_run
    return build_for(HERE)
