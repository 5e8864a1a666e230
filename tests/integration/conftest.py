"""What integration tests of several features can ask for."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.aws import moto_server, sqs_client

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@pytest.fixture(scope="session")
def aws_url() -> Iterator[str]:
    """An account whose queues outlive a test. Each test creates a queue with a name of its own."""
    with moto_server() as url:
        yield url


@pytest.fixture(scope="session")
def sqs(aws_url: str) -> "SQSClient":
    """A client of the account's queues."""
    return sqs_client(aws_url)
