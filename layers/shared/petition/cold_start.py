"""What makes every process start faster; docs/performance.md says by how much."""

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
# Imports make a hundred thousand objects that stay: the collector's 2,000 would have it look at them again and again.
OBJECTS_BEFORE_COLLECTING = 50_000


class _PutOff:
    """Finds the unused modules where they are, but has them read when an attribute of theirs is first asked for.

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
    """Set it up for what is imported from now on."""
    gc.set_threshold(OBJECTS_BEFORE_COLLECTING)
    sys.meta_path.insert(0, _PutOff())
