"""Callers of the running API: the organizer, the viewer, and a stranger."""

from collections.abc import Iterator

import httpx
import pytest

from local.description import Description
from local.loopback import LOOPBACK
from local.session import access_token
from tests.e2e.calls import SECONDS, check_contract
from tests.stack_state import state_of


@pytest.fixture(scope="session")
def stranger(stack: Description) -> Iterator[httpx.Client]:
    """A client without a session. Every answer is checked for what all answers share."""
    hooks = {"response": [check_contract]}
    with httpx.Client(base_url=stack.api, timeout=SECONDS, event_hooks=hooks, **LOOPBACK) as client:
        yield client


@pytest.fixture(scope="session")
def organizer_token(stack: Description) -> str:
    return access_token(stack, stack.users.organizer)


@pytest.fixture(scope="session")
def viewer_token(stack: Description) -> str:
    return access_token(stack, stack.users.viewer)


@pytest.fixture
def organizer(stranger: httpx.Client, organizer_token: str) -> Iterator[httpx.Client]:
    yield from _sign_in(stranger, organizer_token)


@pytest.fixture
def viewer(stranger: httpx.Client, viewer_token: str) -> Iterator[httpx.Client]:
    yield from _sign_in(stranger, viewer_token)


@pytest.fixture(scope="session")
def jwt_secret(stack: Description) -> str:
    """The secret with which the stack's auth server signs sessions."""
    return state_of(stack).secret("supabase.jwt")


def _sign_in(stranger: httpx.Client, token: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(
        base_url=stranger.base_url, timeout=SECONDS, event_hooks=stranger.event_hooks, headers=headers, **LOOPBACK
    ) as client:
        yield client
