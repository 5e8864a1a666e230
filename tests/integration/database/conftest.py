"""A PostgreSQL with the project's migrations."""

from collections.abc import Iterator

import psycopg
import pytest

from testing import postgres


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    with postgres.server() as running:
        running.create_project("template")
        yield running


@pytest.fixture
def database(server: postgres.Server, request: pytest.FixtureRequest) -> Iterator[psycopg.Connection]:
    """A connection to a database of the test's own."""
    name = f"test_{abs(hash(request.node.nodeid))}"
    with server.connect() as connection:
        connection.execute(f'create database "{name}" template template')
    with server.connect(name) as connection:
        yield connection
