"""The layer's bill of materials, in CycloneDX: what scanners and auditors ask for.

It lists what the layer holds, not what was asked for, and is the same file each time.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from tools.artifact import EPOCH

NAME: Final = "sbom.cdx.json"
LAYER: Final = "petition-shared-layer"


def write_sbom(packages: Path, target: Path) -> None:
    """Write the bill of materials of a folder of packages."""
    found = sorted(distributions(path=[str(packages)]), key=lambda each: _normal(each.name))
    components = {_normal(each.name): _component(each) for each in found}
    bom = Bom(components=components.values())
    bom.metadata.timestamp = datetime.fromtimestamp(EPOCH, UTC)
    bom.metadata.component = root = Component(name=LAYER, type=ComponentType.APPLICATION, bom_ref=LAYER)
    bom.serial_number = uuid5(NAMESPACE_URL, "\n".join(sorted(str(each.purl) for each in components.values())))
    bom.register_dependency(root, components.values())
    for each in found:
        needed = (components[name] for name in _needs(each.requires or []) if name in components)
        bom.register_dependency(components[_normal(each.name)], needed)
    target.write_text(JsonV1Dot6(bom).output_as_string(indent=2) + "\n", "utf-8")


def _component(distribution: Distribution) -> Component:
    name, version = _normal(distribution.name), distribution.version
    purl = PackageURL("pypi", name=name, version=version)
    licence = distribution.metadata.get("License-Expression")
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        purl=purl,
        bom_ref=purl.to_string(),
        description=distribution.metadata.get("Summary"),
        licenses=[LicenseFactory().make_from_string(licence)] if licence else (),
    )


def _needs(requirements: Iterable[str]) -> set[str]:
    """Return the names of what a distribution requires without its extras."""
    always = (each for each in requirements if "extra ==" not in each)
    return {_normal(found[0]) for each in always if (found := re.match(r"[A-Za-z0-9._-]+", each))}


def _normal(name: str) -> str:
    """Normalise a name: https://packaging.python.org/en/latest/specifications/name-normalization/."""
    return re.sub(r"[-_.]+", "-", name).lower()
