"""Whatever docs/openapi.json allows, and much that it does not: never a 5xx, and every answer as its schema says."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from uuid import uuid4

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from local.state import ROOT
from tests.integration.chart_jobs.gateway import SETTINGS
from tests.integration.faults import services
from tests.integration.faults.scene import SIGNERS, environment_of, servers_of
from tests.integration.faults.servers import Background, background
from tests.integration.gateway.harness import Harness, background_loop, starter
from tests.private_valkey import PrivateValkey
from tests.thoroughness import times

CASES = times(2000)
SCHEMA = schemathesis.openapi.from_path(ROOT / "docs" / "openapi.json")
OPERATIONS = [operation.ok() for operation in SCHEMA.get_all_operations() if isinstance(operation, Ok)]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def services_loop() -> Iterator[Background]:
    with background() as loop:
        yield loop


@pytest.fixture(scope="module")
def gateway_loop() -> Iterator[asyncio.AbstractEventLoop]:
    yield from background_loop()


@pytest.fixture(scope="module")
def api(services_loop: Background, gateway_loop: asyncio.AbstractEventLoop) -> Iterator[Harness]:
    """The routes as the template has them, with services in good health."""
    with PrivateValkey() as valkey, contextmanager(starter)(gateway_loop) as start:
        valkey.client.sadd(f"campaign:{services.CAMPAIGN}:signers", *SIGNERS)
        servers = servers_of(valkey)
        for server in servers.values():
            services_loop.run(server.listen())
        yield start(**SETTINGS, environment={"*": environment_of(servers)})
        for server in servers.values():
            services_loop.run(server.stop())


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "not allowed"])
def test_every_answer_is_as_described(
    operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, api: Harness
) -> None:
    token = services.session(str(uuid4()), by_published_key=False)
    number = CASES // (2 * len(OPERATIONS))

    @settings(max_examples=number, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Case[Any]) -> None:
        response = case.call(base_url=api.gateway.url, headers={"Authorization": f"Bearer {token}"}, session=session)
        case.validate_response(response, checks=CHECKS)

    with requests.Session() as session:  # its connection is kept
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        check()
