"""What `sam build` makes."""

import importlib.util
import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from samcli.lib.package.utils import make_zip_with_lambda_permissions  # type: ignore[import-untyped]

from tests.integration.sam_build.building import ARCHITECTURES, FUNCTIONS, Build, checkout, sam_build
from tools.build_layer import LEFT_OUT
from tools.sbom import NAME as SBOM

# e_machine in the header of an ELF file: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
MACHINES = {"arm64": 183, "x86_64": 62}
UNCHECKED_HASH = 1  # https://peps.python.org/pep-0552/
MEGABYTE = 1_000_000


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


class Entry(NamedTuple):
    """A file as a zip holds it."""

    name: str
    date: tuple[int, ...]
    mode: int
    checksum: int


def zip_entries(folder: Path, scratch: Path) -> list[Entry]:
    """Return what `sam deploy` uploads, and the same with the files' dates, which other tools put into a zip."""
    by_sam = make_zip_with_lambda_permissions(str(scratch / "by-sam"), str(folder))
    with zipfile.ZipFile(scratch / "with-dates.zip", "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return sorted([*entries(Path(by_sam)), *entries(scratch / "with-dates.zip")])


def entries(archive: Path) -> Iterator[Entry]:
    with zipfile.ZipFile(archive) as opened:
        for each in opened.infolist():
            yield Entry(each.filename, each.date_time, each.external_attr >> 16, each.CRC)


def somebody_elses(project: Path) -> Path:
    """Make files look like another person's checkout: of today, and readable only to them."""
    for path in project.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o700 if path.is_dir() else 0o600)
            os.utime(path)
    return project


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_native_code_is_of_the_chosen_architecture(build_for: Build, architecture: str) -> None:
    native = [path for path in files(build_for(architecture)) if path.suffix == ".so"]

    assert {int.from_bytes(path.read_bytes()[18:20], "little") for path in native} == {MACHINES[architecture]}
    assert len(native) >= 3


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_two_builds_are_the_same_bytes_wherever_and_by_whomever_they_are_made(
    project: Path, build_for: Build, tmp_path: Path, architecture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zlib, "Z_DEFAULT_COMPRESSION", zlib.Z_NO_COMPRESSION)  # what is packed is compared, not how
    (tmp_path / "another place").mkdir()

    again = sam_build(somebody_elses(checkout(project, tmp_path / "another place")), architecture, umask=0o077)

    for part in (*FUNCTIONS, "SharedLayer"):
        assert zip_entries(again / part, tmp_path) == zip_entries(build_for(architecture) / part, tmp_path), part
    assert (again / "template.yaml").read_text() == (build_for(architecture) / "template.yaml").read_text()


def test_the_layer_is_small_enough_to_load_fast(build: Path) -> None:
    layer = build / "SharedLayer"
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files(layer):
            archive.write(path, path.relative_to(layer))

    assert sum(path.stat().st_size for path in files(layer)) <= 40 * MEGABYTE
    assert len(zipped.getvalue()) <= 15 * MEGABYTE


def test_every_module_has_bytecode_that_lambda_uses_without_looking_at_the_source(build: Path) -> None:
    sources = [path for path in files(build) if path.suffix == ".py"]

    for source in sources:
        bytecode = Path(importlib.util.cache_from_source(str(source))).read_bytes()
        assert bytecode[:4] == importlib.util.MAGIC_NUMBER
        assert int.from_bytes(bytecode[4:8], "little") == UNCHECKED_HASH
    assert len(sources) > 400


def test_tracebacks_name_the_files_as_they_are_on_lambda(build: Path) -> None:
    everything = b"".join(path.read_bytes() for path in files(build) if path.suffix == ".pyc")

    assert b"/opt/python/petition/http/handler.py" in everything
    assert b"/var/task/essearch/app.py" in everything
    assert str(build.parent).encode() not in everything


def test_nothing_is_in_the_build_that_lambda_has_or_nobody_needs(build: Path) -> None:
    layer = build / "SharedLayer" / "python"
    names = {path.name.lower().replace("_", "-") for path in layer.iterdir()}

    assert not names & {"boto3", "botocore", "pip", "setuptools", "bin"}
    assert not [part for part in LEFT_OUT if (layer / part).exists()]
    assert not [path for path in files(build) if path.suffix in {".pyi", ".c", ".pxd"} or "tests" in path.parts]


def test_every_distribution_keeps_its_licence_and_its_name_for_scanners(build: Path) -> None:
    described = [*(build / "SharedLayer" / "python").glob("*.dist-info")]

    assert all((each / "METADATA").exists() for each in described)
    assert len(described) >= 14


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_holds_its_own_feature_alone(build: Path, function: str) -> None:
    feature = FUNCTIONS[function]["Properties"]["Handler"].partition(".")[0]

    assert [path.name for path in (build / function).iterdir()] == [feature]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_layer_says_what_is_in_it(build_for: Build, architecture: str) -> None:
    layer = build_for(architecture) / "SharedLayer"
    sbom = json.loads((layer / SBOM).read_text())
    installed = {path.name.split("-")[0].lower().replace("_", "-") for path in layer.glob("python/*.dist-info")}

    assert sbom["bomFormat"] == "CycloneDX"
    assert {each["name"] for each in sbom["components"]} == installed
    assert all(each["purl"] == f"pkg:pypi/{each['name']}@{each['version']}" for each in sbom["components"])
    edges = {each["ref"]: each.get("dependsOn", []) for each in sbom["dependencies"]}
    httpx = next(ref for ref in edges if ref.startswith("pkg:pypi/httpx@"))
    assert any(ref.startswith("pkg:pypi/httpcore@") for ref in edges[httpx])
