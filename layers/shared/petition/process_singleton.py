"""What is kept while a process is warm, and must not outlive a snapshot of it.

With SnapStart, Lambda takes a snapshot of a started process, and starts the others from it, hours or weeks later. What
the process had connected, signed in to or read by then is stale.
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
"""

import os
from collections.abc import Callable
from functools import cache, update_wrapper
from threading import RLock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functools import _CacheInfo


class ProcessSingleton[Value]:
    """A value that is made when it is first asked for, once, however many threads ask."""

    def __init__(self, make: Callable[[], Value]) -> None:
        """Take what makes the value."""
        # functools.cache alone lets two threads make one each.
        self._lock = RLock()
        self._cached = cache(make)
        update_wrapper(self, make)

    def __call__(self) -> Value:
        """The value."""
        with self._lock:
            return self._cached()

    def cache_clear(self) -> None:
        """Forget the value, so that it is made when it is next asked for."""
        self._cached.cache_clear()

    def cache_info(self) -> "_CacheInfo":
        """Tell whether it has been made: `currsize` is 1 then."""
        return self._cached.cache_info()


def process_singleton[Value](make: Callable[[], Value]) -> ProcessSingleton[Value]:
    """Decorate what makes a value: it is made once a process, and once more after a restore from a snapshot."""
    singleton = ProcessSingleton(make)
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        # Part of Lambda's own runtime, and of no use elsewhere.
        from snapshot_restore_py import register_after_restore  # noqa: PLC0415 - see above

        register_after_restore(singleton.cache_clear)
    return singleton
