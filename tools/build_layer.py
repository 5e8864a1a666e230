"""Build the shared layer for one architecture: python -m tools.build_layer arm64 <folder>.

`sam build` comes here through layers/shared/Makefile. Wheels are only unpacked, never compiled, so that any host can
build for any architecture, without a compiler and without a container.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tools.artifact import ROOT, BuildError, finish

# Lambda's python3.13 runs on Amazon Linux 2023, whose glibc is 2.34: wheels for 2.28 and older run there.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
PLATFORMS: Final = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
MOUNTED_AT: Final = "/opt/python"
REQUIREMENTS: Final = ROOT / "requirements" / "runtime.txt"

_SDK = "of the Supabase SDK, whose REST interface petition/clients/supabase.py calls itself: 303 ms of import less"
_HTTP2 = "HTTP/2, which petition/upstream does not speak"
LEFT_OUT: Final[Mapping[str, str]] = {
    "supabase": _SDK,
    "supabase-auth": _SDK,
    "supabase-functions": _SDK,
    "postgrest": _SDK,
    "realtime": _SDK,
    "storage3": _SDK,
    "deprecation": _SDK,
    "multidict": _SDK,
    "packaging": _SDK,
    "propcache": _SDK,
    "websockets": _SDK,
    "yarl": _SDK,
    "h2": _HTTP2,
    "hpack": _HTTP2,
    "hyperframe": _HTTP2,
    "pycparser": "compiles cffi modules, which the wheel of cryptography has done already",
}
"""Distributions of the lock that no function imports, with the reason. The tests run every function without them.

jmespath stays, although Lambda's boto3 brings one: powertools' logger imports it at every start. Here it has the
version of the lock, and bytecode: compiling it at the start takes as long again as importing it, more than 10 ms.
"""

LEFT_OUT_FOLDERS: Final[Mapping[str, str]] = {
    "cffi": "compiles cffi modules; what runs them lies beside it",
    "aws_lambda_powertools/event_handler": "a router, with a web page's assets: API Gateway does the routing",
    "pydantic/v1": "the first version of pydantic, for programs that have not moved on",
}
"""Parts of distributions that no function imports and that are large, likewise."""


def build(architecture: str, folder: Path) -> None:
    """Fill `folder/python` with the layer.

    Raises:
        BuildError: the architecture is not one of Lambda's, or uv failed.
    """
    if architecture not in PLATFORMS:
        raise BuildError(f"The architecture must be one of {', '.join(PLATFORMS)}.")
    packages = folder / "python"
    _install(PLATFORMS[architecture], packages)
    for part in LEFT_OUT_FOLDERS:
        shutil.rmtree(packages / part)
    shutil.copytree(ROOT / "layers" / "shared" / "petition", packages / "petition", dirs_exist_ok=True)
    finish(packages, MOUNTED_AT)


def _install(platform: str, packages: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        requirements = Path(scratch, "requirements.txt")
        requirements.write_text("".join(_wanted(REQUIREMENTS.read_text("utf-8"))), "utf-8")
        subprocess.run(  # noqa: S603 - the arguments are this file's own
            [
                *(_uv(), "pip", "install", "--quiet", "--python", sys.executable, "--python-platform", platform),
                *("--only-binary", ":all:", "--no-deps", "--no-compile", "--require-hashes", "--link-mode", "copy"),
                *("--target", str(packages), "--requirements", str(requirements)),
            ],
            check=True,
        )


def _uv() -> str:
    """The project's own uv before that of the machine: its version is in the lock."""
    path = ":".join([str(ROOT / ".venv/bin"), str(ROOT / ".uv/bin")])
    found = shutil.which("uv", path=path) or shutil.which("uv")
    if found is None:
        raise BuildError("uv was not found: run  make .venv/ready  first.")
    return found


def _wanted(lock: str) -> Iterator[str]:
    """The entries of the lock that belong in the layer, hashes included."""
    entries = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    named = {match[0]: entry for entry in entries if (match := re.match(r"[A-Za-z0-9._-]+", entry))}
    if gone := LEFT_OUT.keys() - named.keys():
        raise BuildError(f"LEFT_OUT names what the lock no longer has: {', '.join(sorted(gone))}.")
    return (entry for name, entry in named.items() if name not in LEFT_OUT)


if __name__ == "__main__":
    try:
        build(sys.argv[1], Path(sys.argv[2]))
    except (BuildError, subprocess.CalledProcessError) as error:
        raise SystemExit(str(error)) from None
