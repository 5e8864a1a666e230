"""Clients made from docs/openapi.json compile strictly, and wrong code does not."""

import tarfile
from pathlib import Path

import pytest

from tests.integration.typescript.compiling import CLIENT, DOCUMENT, compile_strictly, pack, project, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("frontend"))


@pytest.fixture(scope="module")
def package(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package that `npm pack` makes, unpacked as an installation of it."""
    target = folder / "node_modules" / "petition-client"
    with tarfile.open(pack(tmp_path_factory.mktemp("packed"))) as archive:
        archive.extractall(target.parent, filter="data")
    return (target.parent / "package").rename(target)


def test_the_generated_types_are_those_of_the_document(tmp_path: Path) -> None:
    generated = tmp_path / "schema.ts"
    run("openapi-typescript", DOCUMENT, "-o", generated).check_returncode()
    assert generated.read_text() == (CLIENT / "src" / "schema.ts").read_text(), "stale: run `make openapi`"


@pytest.fixture(scope="module")
def generated_clients(folder: Path) -> None:
    """The clients that others' tools make of the document."""
    run("openapi-typescript", DOCUMENT, "-o", folder / "generated" / "schema.ts").check_returncode()
    plugins = ("@hey-api/typescript", "@hey-api/client-fetch", "@hey-api/sdk")
    run("openapi-ts", "-i", DOCUMENT, "-o", folder / "generated" / "hey", "-p", *plugins).check_returncode()


def test_the_package_holds_what_it_needs(package: Path) -> None:
    assert {path.name for path in package.iterdir()} == {"dist", "package.json", "src"}


@pytest.mark.usefixtures("package", "generated_clients")
def test_code_that_uses_any_of_the_clients_compiles_and_the_wrong_code_in_it_does_not(folder: Path) -> None:
    """Ours, openapi-typescript's and hey-api's. Each file expects an error where its code is wrong."""
    assert compile_strictly(folder, "client.ts", "openapi_typescript.ts", "hey_api.ts") == ""


def test_a_wrong_line_is_told(folder: Path, package: Path) -> None:
    (folder / "wrong.ts").write_text('import type { Person } from "petition-client";\nexport const p: Person = 5;\n')
    assert package.is_dir()
    assert "Type 'number' is not assignable" in compile_strictly(folder, "wrong.ts")
