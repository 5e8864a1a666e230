"""What tests of every kind can ask for. Nothing starts before a test asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.description import Description, DirectusAccess, SupabaseAccess
from tests.private_valkey import PrivateValkey
from tests.recorder import Recorder, recording
from tests.whole_stack import whole_stack

INTEGRATION = Path(__file__).parent / "integration"


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have tests that share a server run in one process, one after the other: those of a package, or of the stack."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _group(item: pytest.Item) -> str:
    if "stack" in getattr(item, "fixturenames", ()):
        return "stack"
    package = item.path.parent
    return str(item.path if package == INTEGRATION or not package.is_relative_to(INTEGRATION) else package)


@pytest.fixture(scope="session")
def stack() -> Iterator[Description]:
    """The whole stack, as `python -m local` runs it, on free ports: see `whole_stack`."""
    with whole_stack() as description:
        yield description


@pytest.fixture(scope="session")
def directus(stack: Description) -> DirectusAccess:
    """The stack's Directus, with its 5,000 persons."""
    return stack.directus


@pytest.fixture(scope="session")
def supabase(stack: Description) -> SupabaseAccess:
    """The stack's Supabase, migrated, with its users and its campaign."""
    return stack.supabase


@pytest.fixture
def recorder(directus: DirectusAccess) -> Iterator[Recorder]:
    """A proxy in front of Directus that keeps a list of the requests."""
    with recording(directus.url) as recorder:
        yield recorder


@pytest.fixture
def valkey() -> Iterator[PrivateValkey]:
    """An empty server for this test alone, to be paused, killed and started again."""
    with PrivateValkey() as server:
        yield server
