"""A PostgreSQL whose signatures a test changes as it likes."""

from collections.abc import Iterator

import pytest

from local.state import free_port
from testing import postgres
from tests.integration.signers.table import Table


@pytest.fixture(scope="package")
def server() -> Iterator[postgres.Server]:
    with postgres.server(port=free_port()) as running:
        running.create_project("signers")
        yield running


@pytest.fixture(scope="package")
def whole_table(server: postgres.Server) -> Iterator[Table]:
    with server.connect("signers") as database:
        yield Table(server, database)


@pytest.fixture
def table(whole_table: Table) -> Table:
    """One campaign, and no signature."""
    whole_table.clear()
    return whole_table
