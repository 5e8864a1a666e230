"""What Lambda's python3.13 has besides a function's code and layers: the runtime and boto3, nothing else.

Built functions run with it, so that a package missing from the build is not found on this machine instead.
"""

import fcntl
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from local.state import ROOT

FOLDER = ROOT / ".local" / "lambda"
# boto3 with what it needs, and the runtime itself: https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
PACKAGES = (
    "awslambdaric",
    "boto3",
    "botocore",
    "dateutil",
    "jmespath",
    "runtime_client",
    "s3transfer",
    "simplejson",
    "six",
    "snapshot_restore_py",
    "urllib3",
)


def interpreter() -> Path:
    """A Python without any package of its own."""
    folder = FOLDER / "python"
    python = folder / "bin" / "python"
    with _alone():
        if not python.exists():
            venv.create(folder, symlinks=True)
    return python


def packages() -> Path:
    """The folder of the runtime's packages, which Lambda looks into last."""
    folder = FOLDER / f"packages-{sys.version_info.minor}"
    folder.mkdir(parents=True, exist_ok=True)
    with _alone():
        for name in PACKAGES:
            source = _location(name)
            link = folder / source.name
            if not link.is_symlink():
                link.symlink_to(source)
    return folder


@contextmanager
def _alone() -> Iterator[None]:
    """Keep other processes of this test run from making the same."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _location(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None, f"{package} is not installed"
    assert spec.origin is not None, f"{package} has no file"
    file = Path(spec.origin)
    return file.parent if file.name == "__init__.py" else file
