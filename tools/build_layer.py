"""Build the shared layer for one architecture: python -m tools.build_layer arm64 <folder>.

`sam build` comes here through layers/shared/Makefile. Wheels are only unpacked, never compiled, so that any host can
build for any architecture, without a compiler and without a container.
"""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tools.artifact import ROOT, BuildError, date, finish
from tools.sbom import NAME, write_sbom

# Lambda's python3.13 runs on Amazon Linux 2023, whose glibc is 2.34: wheels for 2.28 and older run there.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
PLATFORMS: Final = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
MOUNTED_AT: Final = "/opt/python"
REQUIREMENTS: Final = ROOT / "requirements" / "runtime.txt"

LEFT_OUT: Final[Mapping[str, str]] = {
    "cffi": "compiles cffi modules; what runs them lies beside it",
    "aws_lambda_powertools/event_handler": "a router, with a web page's assets; API Gateway routes",
    "aws_lambda_powertools/utilities/data_classes": "events as classes: each handler reads the few fields that it uses",
    "aws_lambda_powertools/utilities/idempotency": "remembers calls in DynamoDB or Redis, which no function does",
    "aws_lambda_powertools/utilities/parameters": "settings of AWS's stores through boto3, which no function loads",
    "aws_lambda_powertools/utilities/parser": "events as pydantic models, likewise",
    "pydantic/v1": "the first version of pydantic, for programs that have not moved on",
}
"""Parts of distributions that no function imports and that are large. The tests run every function without them.

jmespath stays, although Lambda's boto3 brings one: powertools' logger imports it at every start. This one has the
version of the lock, and bytecode: compiling it at the start would take more than 10 ms, as long as importing it.
"""


def build(architecture: str, folder: Path) -> None:
    """Fill `folder/python` with the layer, and write its bill of materials beside it.

    Raises:
        BuildError: the architecture is not one of Lambda's, or uv failed.
    """
    if architecture not in PLATFORMS:
        raise BuildError(f"The architecture must be one of {', '.join(PLATFORMS)}.")
    packages = folder / "python"
    _install(PLATFORMS[architecture], packages)
    for part in LEFT_OUT:
        shutil.rmtree(packages / part)
    shutil.copytree(ROOT / "layers" / "shared" / "petition", packages / "petition", dirs_exist_ok=True)
    finish(packages, MOUNTED_AT)
    write_sbom(packages, folder / NAME)
    date(folder / NAME)


def _install(platform: str, packages: Path) -> None:
    subprocess.run(  # noqa: S603 - the arguments are this file's own
        [
            *(_uv(), "pip", "install", "--quiet", "--python", sys.executable, "--python-platform", platform),
            *("--only-binary", ":all:", "--no-deps", "--no-compile", "--require-hashes", "--link-mode", "copy"),
            *("--target", str(packages), "--requirements", str(REQUIREMENTS)),
        ],
        check=True,
    )


def _uv() -> str:
    """Return the path of uv: the project's own if there is one, because its version is in the lock."""
    path = ":".join([str(ROOT / ".venv/bin"), str(ROOT / ".uv/bin")])
    found = shutil.which("uv", path=path) or shutil.which("uv")
    if found is None:
        raise BuildError("uv was not found: run  make .venv/ready  first.")
    return found


if __name__ == "__main__":
    try:
        build(sys.argv[1], Path(sys.argv[2]))
    except (BuildError, subprocess.CalledProcessError) as error:
        raise SystemExit(str(error)) from None
