"""How long a request, and a call to an upstream, may still take."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from petition.errors import UpstreamTimeout

# Kept back for turning a late failure into an answer before Lambda ends the process.
RESERVE_SECONDS = 0.5


class LambdaContext(Protocol):
    """The part of the Lambda context that is used here."""

    @property
    def aws_request_id(self) -> str:
        """The invocation's id."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the invocation."""


class Deadline:
    """The moment by which an answer must be on its way."""

    def __init__(self, seconds: float) -> None:
        """Start a deadline of so many seconds from now."""
        self._end = time.monotonic() + seconds

    @classmethod
    def of(cls, context: LambdaContext) -> "Deadline":
        """The invocation's own deadline, less what it takes to answer."""
        return cls(context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS)

    def within(self, seconds: float) -> float:
        """The time-out for one outside call: at most `seconds`, and never past the deadline.

        Raises:
            UpstreamTimeout: when no time is left to ask.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise UpstreamTimeout
        return min(seconds, left)


class _Call(threading.local):
    end = math.inf


_call = _Call()


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """End everything that this thread waits for in a block after so many seconds, or when an outer limit ends.

    It holds for waits that ask for `seconds_left`: those of the connections to upstreams and to Redis.
    """
    outer = _call.end
    _call.end = min(outer, time.monotonic() + seconds)
    try:
        yield
    finally:
        _call.end = outer


def seconds_left() -> float:
    """How much is left of the innermost `time_limit`; infinity outside any."""
    return _call.end - time.monotonic()
