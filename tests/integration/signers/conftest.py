"""Signatures in a PostgreSQL behind the REST interface, the sets in a Valkey of the test's own, and a queue."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from local.services.aws import CREDENTIALS, REGION
from local.state import free_port
from testing import postgres
from testing.rest import Rest, serve
from tests.integration.lambda_process import SESSION_SECRET, USER, encode_permissions, process
from tests.integration.signers.sets import Sets
from tests.integration.signers.table import Table
from tests.private_valkey import PrivateValkey

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@pytest.fixture(scope="package")
def server() -> Iterator[postgres.Server]:
    with postgres.server(port=free_port()) as running:
        running.create_project("signers")
        running.create_project("alone")
        yield running


@pytest.fixture
def table_alone(server: postgres.Server) -> Iterator[Table]:
    """The same without a REST interface, which gives every role every right on every table as it starts."""
    with server.connect("alone") as database:
        table = Table(server, database)
        table.clear()
        yield table


@pytest.fixture(scope="package")
def whole_table(server: postgres.Server) -> Iterator[Table]:
    with server.connect("signers") as database:
        yield Table(server, database)


@pytest.fixture
def table(whole_table: Table) -> Table:
    """One campaign, and no signature."""
    whole_table.clear()
    return whole_table


@pytest.fixture(scope="package")
def rest(server: postgres.Server, whole_table: Table) -> Iterator[Rest]:  # noqa: ARG001 - the tables come first
    with serve(server, "signers") as rest:
        yield rest


@pytest.fixture
def queue_url(sqs: "SQSClient") -> str:
    return sqs.create_queue(QueueName=uuid4().hex)["QueueUrl"]


@pytest.fixture
def sets(valkey: PrivateValkey, sqs: "SQSClient", queue_url: str) -> Sets:
    return Sets(valkey.client, sqs, queue_url)


@pytest.fixture
def environment(rest: Rest, aws_url: str, queue_url: str, valkey: PrivateValkey) -> Mapping[str, str]:
    """What the functions find."""
    return CREDENTIALS | {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": aws_url,
        "REDIS_URL": valkey.url,
        "SIGNERS_QUEUE_URL": queue_url,
        "SUPABASE_JWT_SECRET": SESSION_SECRET,
        "SUPABASE_SECRET_KEY": rest.secret_key,
        "SUPABASE_URL": rest.url,
    }


@pytest.fixture
def warm(environment: Mapping[str, str], valkey: PrivateValkey, table: Table) -> Iterator[None]:  # noqa: ARG001 - cleared
    """A process whose caller may check signers everywhere."""
    valkey.client.set(f"permissions-{USER}", encode_permissions("signers:check"))
    with process(environment):
        yield
