"""Build a function from its feature's folder: python -m tools.build_function essearch <folder>.

`sam build` comes here through functions/Makefile.
"""

import shutil
import sys
from pathlib import Path
from typing import Final

from tools.artifact import ROOT, BuildError, finish

MOUNTED_AT: Final = "/var/task"


def build(feature: str, folder: Path) -> None:
    """Copy one feature's package, and no other.

    Raises:
        BuildError: there is no such feature.
    """
    source = ROOT / "functions" / feature
    if not source.is_dir():
        raise BuildError(f"functions/{feature} was not found.")
    shutil.copytree(source, folder / feature, dirs_exist_ok=True)
    finish(folder, MOUNTED_AT)


if __name__ == "__main__":
    try:
        build(sys.argv[1], Path(sys.argv[2]))
    except BuildError as error:
        raise SystemExit(str(error)) from None
