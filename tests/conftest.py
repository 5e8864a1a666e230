"""What tests of every kind can ask for. Nothing starts before a test asks for it."""

from collections.abc import Iterator

import pytest

from local.description import Description, DirectusAccess, SupabaseAccess
from tests.private_valkey import PrivateValkey
from tests.recorder import Recorder, record
from tests.whole_stack import whole_stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long: whichever begins last, all but one of the workers wait for."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


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
    with record(directus.url) as recorder:
        yield recorder


@pytest.fixture
def valkey() -> Iterator[PrivateValkey]:
    """An empty server for this test alone, to be paused, killed and started again."""
    with PrivateValkey() as server:
        yield server
