"""A warm process of the charts' functions."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from charts import queue
from tests.integration import lambda_process


@contextmanager
def process(environment: Mapping[str, str]) -> Iterator[None]:
    """A fresh process for the length of a block, whose connections to the queue end with it."""
    with lambda_process.process(environment):
        try:
            yield
        finally:
            if queue._client.cache_info().currsize:
                queue._client().close()
