"""Charts on a PostgreSQL where two things can happen at once, behind the REST interface, and a queue of moto's."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

import pytest

from local.services.aws import CREDENTIALS, REGION
from testing import postgres
from testing.rest import Rest, serve
from tests.integration.chart_jobs.gateway import SETTINGS, Api, remember
from tests.integration.chart_jobs.jobs import Queue
from tests.integration.chart_jobs.project import Project
from tests.integration.gateway.harness import Start, background_loop, starter
from tests.integration.lambda_process import SESSION_SECRET, process
from tests.private_valkey import PrivateValkey

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class StartApi(Protocol):
    """Starts a gateway, with variables that differ from the usual ones."""

    def __call__(self, **different: str) -> Api: ...


@pytest.fixture(scope="package")
def server() -> Iterator[postgres.Server]:
    with postgres.server() as running:
        running.create_project("jobs")
        yield running


@pytest.fixture(scope="package")
def whole_project(server: postgres.Server) -> Iterator[Project]:
    with server.connect("jobs") as database:
        project = Project(server, database)
        project.prepare()
        yield project


@pytest.fixture
def project(whole_project: Project) -> Project:
    """A campaign with three signatures, and no chart."""
    whole_project.clear()
    return whole_project


@pytest.fixture(scope="package")
def rest(server: postgres.Server, whole_project: Project) -> Iterator[Rest]:  # noqa: ARG001 - the project comes first
    with serve(server, "jobs") as rest:
        yield rest


@pytest.fixture
def queue(sqs: "SQSClient") -> Queue:
    """A queue of the test's own, whose messages come again after two seconds, three times at most."""
    return Queue.create(sqs, uuid4().hex)


@pytest.fixture
def environment(rest: Rest, aws_url: str, queue: Queue) -> dict[str, str]:
    """What the functions of the charts find."""
    return environment_of(rest, aws_url, queue)


def environment_of(rest: Rest, aws_url: str, queue: Queue) -> dict[str, str]:
    """The variables of functions that use this queue."""
    return CREDENTIALS | {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": aws_url,
        "CHART_QUEUE_URL": queue.url,
        "SUPABASE_URL": rest.url,
        "SUPABASE_SECRET_KEY": rest.secret_key,
    }


@pytest.fixture
def _process(environment: dict[str, str], project: Project) -> Iterator[None]:  # noqa: ARG001 - cleared first
    with process(environment):
        yield


@pytest.fixture(scope="package")
def redis_url() -> Iterator[str]:
    with PrivateValkey() as server:
        remember(server.url)
        yield server.url


@pytest.fixture(scope="package")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    yield from background_loop()


@pytest.fixture
def start(
    loop: asyncio.AbstractEventLoop, environment: dict[str, str], redis_url: str, aws_url: str, queue: Queue
) -> Iterator[StartApi]:
    """Start a gateway with variables that differ from the usual ones; its worker takes what is queued."""
    with contextmanager(starter)(loop) as begin:
        yield partial(start_api, begin, environment, redis_url, aws_url, queue)


def start_api(
    begin: Start, environment: dict[str, str], redis_url: str, aws_url: str, queue: Queue, **different: str
) -> Api:
    """Start a gateway whose worker takes what is in a queue."""
    given = environment | {"REDIS_URL": redis_url, "SUPABASE_JWT_SECRET": SESSION_SECRET} | different
    queues = {"ChartQueue": queue.url}
    return Api(begin(**SETTINGS, environment={"*": given}, queues=queues, sqs_url=aws_url))


@pytest.fixture(scope="package")
def shared_api(
    loop: asyncio.AbstractEventLoop, rest: Rest, redis_url: str, aws_url: str, sqs: "SQSClient"
) -> Iterator[Api]:
    """A gateway for all tests that look at no queue: its processes take half a second to start."""
    queue = Queue.create(sqs, uuid4().hex)
    with contextmanager(starter)(loop) as begin:
        yield start_api(begin, environment_of(rest, aws_url, queue), redis_url, aws_url, queue)


@pytest.fixture
def api(shared_api: Api, project: Project) -> Api:  # noqa: ARG001 - cleared first
    """The shared gateway, for a test that looks at no queue."""
    return shared_api


@pytest.fixture
def api_with_queue(start: StartApi, project: Project) -> Api:  # noqa: ARG001 - cleared first
    """A gateway of the test's own, whose worker takes what is in `queue`."""
    return start()
