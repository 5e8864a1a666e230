import re
from pathlib import Path

import pytest
from samtranslator.translator.logical_id_generator import LogicalIdGenerator

from tools.release import release
from tools.template import read_template


@pytest.fixture
def build(tmp_path: Path) -> Path:
    (tmp_path / "layer").mkdir()
    (tmp_path / "layer" / "petition.py").write_text("one")
    (tmp_path / "parameters.yaml").write_text("DirectusUrl: https://directus.example.org")
    return tmp_path


def name(build: Path) -> str:
    return release((path for path in build.rglob("*") if path.is_file()), build)


def test_the_same_build_has_the_same_name(build: Path) -> None:
    first = name(build)
    (build / "layer" / "petition.py").touch()

    assert name(build) == first


@pytest.mark.parametrize("changed", ["layer/petition.py", "parameters.yaml"])
def test_a_change_of_code_or_parameters_makes_another_name(build: Path, changed: str) -> None:
    first = name(build)
    (build / changed).write_text("two")

    assert name(build) != first


def test_a_file_that_moved_makes_another_name(build: Path) -> None:
    first = name(build)
    (build / "layer").rename(build / "other")

    assert name(build) != first


def test_sam_sees_the_whole_name(build: Path) -> None:
    assert LogicalIdGenerator("", data_hash=name(build)).gen() == name(build)
    assert re.fullmatch(read_template()["Parameters"]["Release"]["AllowedPattern"], name(build))
