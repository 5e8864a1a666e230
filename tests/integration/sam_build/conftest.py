"""The builds that these tests look at, made once."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from local.state import ROOT
from tests.integration.sam_build.building import ARCHITECTURES, HERE, checkout, sam_build


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkout(ROOT, tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="session")
def builds(project: Path) -> Mapping[str, Path]:
    return {each: sam_build(project, each) for each in ARCHITECTURES}


@pytest.fixture(params=ARCHITECTURES)
def build(request: pytest.FixtureRequest, builds: Mapping[str, Path]) -> Path:
    return builds[request.param]


@pytest.fixture(scope="session")
def built(request: pytest.FixtureRequest) -> Path:
    """The build for this machine: that of the whole run of tests, where there is one."""
    if of_run := os.environ.get("BUILD"):
        return ROOT / of_run
    return sam_build(request.getfixturevalue("project"), HERE)
