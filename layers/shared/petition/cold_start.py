"""Make every process start faster; docs/performance.md says by how much."""

import codecs
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from importlib.abc import Loader  # takes 15 ms to import

# A library imports these packages at its top, and nothing here uses them.
UNUSED = frozenset(
    {
        "idna",  # httpx, for hosts with letters beyond ASCII
        "cryptography.x509",  # PyJWT, for keys in certificates; a project's public keys are JSON Web Keys
        "redis.asyncio",  # redis, whose other client is used
    }
)
# More than all imports make: their objects stay, and one collection of them takes a tenth of a start.
OBJECTS_OF_A_START = 1_000_000
_USUAL = gc.get_threshold()


class _LazyFinder:
    """Finds the unused packages."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, _target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path) if fullname in UNUSED else None
        if spec and spec.loader:
            spec.loader = cast("Loader", _LoaderOnUse(spec.loader))
        return spec


class _LoaderOnUse:
    """Loads a package when something in it is first used.

    Unlike importlib.util.LazyLoader, it leaves the package unloaded while only parts of it are imported.
    """

    def __init__(self, loader: "Loader") -> None:
        self._loader = loader
        self._lock = RLock()
        self._is_begun = False

    def create_module(self, _spec: ModuleSpec) -> None:
        """Leave making the module to the import system."""

    def exec_module(self, module: ModuleType) -> None:
        """Make the module load itself at first use: https://peps.python.org/pep-0562/."""

        def load(name: str) -> object:
            part = f"{module.__name__}.{name}"
            if PathFinder.find_spec(part, module.__path__):
                # A part that is imported first asks for other parts: loading the package now would need that part.
                return import_module(part)
            with self._lock:
                if not self._is_begun:
                    self._is_begun = True
                    self._loader.exec_module(module)
                if name in module.__dict__:
                    return module.__dict__[name]
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}", name=name, obj=module)

        module.__dict__["__getattr__"] = load


def is_on_lambda() -> bool:
    """Check whether Lambda's runtime started this process; tools and tests import handlers too."""
    return "AWS_LAMBDA_RUNTIME_API" in os.environ


def begin() -> None:
    """Prepare the process for everything that is imported after this."""
    gc.set_threshold(OBJECTS_OF_A_START)
    # The first connection to a host would load it, in the middle of a request.
    codecs.lookup("idna")
    sys.meta_path.insert(0, _LazyFinder())


def end() -> None:
    """Exclude what was imported from garbage collection, and collect what comes after as often as usual."""
    gc.freeze()
    gc.set_threshold(*_USUAL)
