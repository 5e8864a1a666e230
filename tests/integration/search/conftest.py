"""A process that searches in the real Directus, through a proxy that counts."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

import httpx
import pytest
from cryptography.fernet import Fernet
from redis import Redis

from local.description import Description, DirectusAccess
from local.loopback import LOOPBACK
from tests.integration.lambda_process import SESSIONS, USER, encode_permissions, process
from tests.integration.search.searching import SECONDS, Admin
from tests.recorder import Recorder
from tests.stack_state import state_of


class Fresh(Protocol):
    """Starts a fresh process, with variables that differ from the usual ones."""

    def __call__(self, **different: str) -> AbstractContextManager[None]: ...


@pytest.fixture(scope="session")
def signing_key(stack: Description) -> str:
    """What the stack's Directus signs its tokens with."""
    return state_of(stack).secret("directus.secret")


@pytest.fixture(scope="session")
def admin(directus: DirectusAccess) -> Iterator[Admin]:
    login = {"email": directus.admin_email, "password": directus.admin_password}
    with httpx.Client(base_url=directus.url, timeout=SECONDS, **LOOPBACK) as client:
        token = client.post("/auth/login", json=login).raise_for_status().json()["data"]["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield Admin(client)


@pytest.fixture(scope="session")
def _allowed(stack: Description) -> Iterator[None]:
    with Redis.from_url(stack.redis.url, socket_timeout=SECONDS) as client:
        client.set(f"permissions-{USER}", encode_permissions("voters:search"), ex=3600)
        yield
        client.delete(f"permissions-{USER}")


@pytest.fixture(scope="session")
def environment(stack: Description, _allowed: None) -> Mapping[str, str]:
    """What a search function finds in its environment."""
    return SESSIONS | {
        "COOKIE_KEYS": Fernet.generate_key().decode(),
        "DIRECTUS_URL_SEARCH": stack.directus.url,
        "DIRECTUS_API_EMAIL_SEARCH": stack.directus.search_email,
        "DIRECTUS_API_PASSWORD_SEARCH": stack.directus.search_password,
        "REDIS_URL": stack.redis.url,
    }


@pytest.fixture
def fresh(environment: Mapping[str, str], recorder: Recorder) -> Fresh:
    return lambda **different: process({**environment, "DIRECTUS_URL_SEARCH": recorder.url, **different})


@pytest.fixture
def _process(fresh: Fresh) -> Iterator[None]:
    with fresh():
        yield


@pytest.fixture(scope="module")
def _one_process(environment: Mapping[str, str]) -> Iterator[None]:
    """One for all tests of a module, where it does not matter what it remembers."""
    with process(environment):
        yield
