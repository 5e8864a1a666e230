"""What makes every process start faster; docs/performance.md says by how much."""

import codecs
import gc
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

# A library imports these at its top, and nothing here uses them.
UNUSED = frozenset(
    {
        "idna",  # httpx, for hosts with letters beyond ASCII
        "cryptography.x509",  # PyJWT, for keys in certificates; a project's public keys are JSON Web Keys
    }
)
# Imports make a hundred thousand objects that stay. At its usual 2,000, the collector would visit them again and again.
OBJECTS_BEFORE_COLLECTING = 50_000


class _PutOff:
    """Finds the unused modules, and loads one when an attribute of it is first used.

    https://docs.python.org/3/library/importlib.html#importlib.util.LazyLoader
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, _target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path) if fullname in UNUSED else None
        if spec and spec.loader:
            spec.loader = LazyLoader(spec.loader)
        return spec


def tune_cold_start() -> None:
    """Prepare the process for everything that is imported after this."""
    gc.set_threshold(OBJECTS_BEFORE_COLLECTING)
    # The first connection to a host needs it, in the middle of a request.
    codecs.lookup("idna")
    sys.meta_path.insert(0, _PutOff())
