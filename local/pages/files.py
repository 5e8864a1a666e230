"""The files of the pages: their own, and libraries from npm."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from local.services.node import PACKAGES, node
from local.state import ROOT

OWN = Path(__file__).parent
LIBRARIES = PACKAGES / "node_modules"
CHARTS = ROOT / "clients" / "typescript" / "src" / "charts"
SECONDS = 30

FILES: Mapping[str, Path] = {
    "/": OWN / "index.html",
    "/reference": OWN / "reference.html",
    **{f"/pages/{path.name}": path for path in OWN.iterdir() if path.suffix in {".css", ".js", ".svg"}},
    "/pages/openapi.json": ROOT / "docs" / "openapi.json",
    "/pages/echarts.js": LIBRARIES / "echarts" / "dist" / "echarts.esm.min.mjs",
    "/pages/swagger-ui.js": LIBRARIES / "swagger-ui-dist" / "swagger-ui-bundle.js",
    "/pages/swagger-ui.css": LIBRARIES / "swagger-ui-dist" / "swagger-ui.css",
}


def write_charts(folder: Path) -> Mapping[str, Path]:
    """Write the project's chart drawing as JavaScript: Node strips the types, without a build step.

    Returns:
        the files by the path at which they are served.
    """
    command = node(OWN / "strip-types.mjs", str(CHARTS), str(folder))
    subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
    return {f"/pages/charts/{path.name}": path for path in folder.glob("*.js")}
