import json
import sysconfig
from pathlib import Path

from tools.sbom import write_sbom

PACKAGES = Path(sysconfig.get_paths()["purelib"])


def test_the_same_packages_have_the_same_bill_of_materials_each_time(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_sbom(PACKAGES, tmp_path / name)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_a_component_has_its_version_its_licence_and_what_it_needs(tmp_path: Path) -> None:
    write_sbom(PACKAGES, tmp_path / "sbom")
    sbom = json.loads((tmp_path / "sbom").read_text())

    (httpcore,) = [each for each in sbom["components"] if each["name"] == "httpcore"]
    needs = {each["ref"]: each.get("dependsOn", []) for each in sbom["dependencies"]}
    assert httpcore["purl"] == f"pkg:pypi/httpcore@{httpcore['version']}"
    assert httpcore["licenses"]
    assert [ref for ref in needs[httpcore["bom-ref"]] if ref.startswith("pkg:pypi/h11@")]
