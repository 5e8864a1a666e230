"""Values that are kept while a process is warm, and must not outlive a snapshot of it.

With SnapStart, Lambda takes a snapshot of a started process, and starts others from it, hours or weeks later. By then
its connections, logins and secrets are stale.
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
"""

import os
from collections.abc import Callable
from functools import lru_cache, wraps
from threading import RLock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

MAX_VALUES = 64


def process_singleton[Value](make: Callable[..., Value]) -> "_lru_cache_wrapper[Value]":
    """Decorate a function whose value is made once a process, and once more after a restore from a snapshot.

    Threads that ask for it together get the same one. If the function takes arguments, it is called once for
    each set of them, and the `MAX_VALUES` that were used last are kept.
    """
    inner, lock = lru_cache(maxsize=MAX_VALUES)(make), RLock()

    # The outer cache answers without a lock. Of threads that find nothing in it, the first makes the value and the
    # others get it from the inner one.
    @lru_cache(maxsize=MAX_VALUES)
    @wraps(make)
    def get_value(*arguments: object) -> Value:
        with lock:
            return inner(*arguments)

    def forget() -> None:
        inner.cache_clear()
        forget_outer()

    forget_outer = get_value.cache_clear
    vars(get_value).update(cache_clear=forget)
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        _call_after_restore(forget)
    return get_value


def _call_after_restore(hook: Callable[[], None]) -> None:
    # Imported here: it is part of Lambda's own runtime, and missing elsewhere.
    from snapshot_restore_py import register_after_restore  # noqa: PLC0415 - see above

    register_after_restore(hook)
