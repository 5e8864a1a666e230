"""A process that checks signers in a Valkey of the test's own."""

from collections.abc import Iterator, Mapping

import pytest

from duplicate.signer_set import WHOLE, signers_key
from tests.integration.duplicate.checking import CAMPAIGN, OTHER, SIGNED, check
from tests.integration.lambda_process import SESSIONS, USER, encode_permissions, process
from tests.private_valkey import PrivateValkey


@pytest.fixture
def environment(valkey: PrivateValkey) -> Mapping[str, str]:
    """What the function finds in its environment."""
    return {**SESSIONS, "REDIS_URL": valkey.url}


@pytest.fixture
def warm(environment: Mapping[str, str], valkey: PrivateValkey) -> Iterator[None]:
    """A process, with a signer and the organizer's permissions in Redis."""
    fill(valkey)
    with process(environment):
        yield


def fill(valkey: PrivateValkey) -> None:
    valkey.client.sadd(signers_key(CAMPAIGN), SIGNED, WHOLE)
    valkey.client.sadd(signers_key(OTHER), WHOLE)
    valkey.client.set(f"permissions-{USER}", encode_permissions("signers:check"))


@pytest.fixture
def open_connection(warm: None) -> None:
    """The same process after a first answer, and so with an open connection."""
    assert (warm, check().status) == (None, 200)
