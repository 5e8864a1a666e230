"""Name the release that is about to be deployed: python -m tools.release [parameters].

The same build and parameters have the same name, and any others another: SAM publishes a version of a function when the
name changes, and Lambda refuses to publish one that is the same as the last.
"""

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

from tools.artifact import ROOT

CHARACTERS = 10  # SAM uses no more: samtranslator's LogicalIdGenerator.HASH_LENGTH


def release(files: Iterable[Path], root: Path) -> str:
    """Return a name for these files: a digest of their content and their paths below `root`."""
    digest = hashlib.sha256()
    for path in sorted(files):
        for part in (str(path.relative_to(root)).encode(), path.read_bytes()):
            digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:CHARACTERS]


def main(parameters: Iterable[str]) -> str:
    """Return the name of the build in .aws-sam/build with these parameter files."""
    built = (path for path in (ROOT / ".aws-sam" / "build").rglob("*") if path.is_file())
    return release([*built, *(ROOT / name for name in parameters)], ROOT)


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]) + "\n")
