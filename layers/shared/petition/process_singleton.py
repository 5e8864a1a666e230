"""What is kept while a process is warm, and must not outlive a snapshot of it.

With SnapStart, Lambda takes a snapshot of a started process, and starts the others from it, hours or weeks later. What
the process had connected, signed in to or read by then is stale.
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
"""

import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper


def process_singleton[Value](make: Callable[[], Value]) -> "_lru_cache_wrapper[Value]":
    """Decorate what makes a value: it is made once a process, and once more after a restore from a snapshot."""
    cached = cache(make)
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        # Part of Lambda's own runtime, and of no use elsewhere.
        from snapshot_restore_py import register_after_restore  # noqa: PLC0415 - see above

        register_after_restore(cached.cache_clear)
    return cached
