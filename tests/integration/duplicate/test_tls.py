"""With `rediss://`, Redis must prove who it is."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.integration.duplicate.checking import check, reports_outage
from tests.integration.duplicate.conftest import fill
from tests.integration.duplicate.tls import certificate, tls_proxy
from tests.integration.lambda_process import process
from tests.private_valkey import PrivateValkey

type Environment = Mapping[str, str]
type BehindTls = Callable[[str], AbstractContextManager[tuple[int, Path]]]


@pytest.fixture
def behind_tls(valkey: PrivateValkey, tmp_path: Path) -> BehindTls:
    """Put the server behind a proxy with a certificate for a host. Yields its port and the authority's file."""
    fill(valkey)

    @contextmanager
    def proxy(host: str) -> Iterator[tuple[int, Path]]:
        pem = certificate(tmp_path, host)
        with tls_proxy(valkey.port, pem) as port:
            yield port, pem

    return proxy


def check_twice(environment: Environment, url: str) -> list[int]:
    """The statuses of two checks by a process that finds Redis at a URL."""
    with process({**environment, "REDIS_URL": url}):
        answers = [check() for _ in range(2)]
    assert all(answer.status == 200 or reports_outage(answer) for answer in answers)
    return [answer.status for answer in answers]


@pytest.mark.parametrize(
    ("host", "url", "statuses"),
    [
        ("127.0.0.1", "rediss://127.0.0.1:{port}/0?ssl_ca_certs={pem}", [200, 200]),
        ("127.0.0.1", "rediss://127.0.0.1:{port}/0", [503, 503]),
        ("127.0.0.2", "rediss://127.0.0.1:{port}/0?ssl_ca_certs={pem}", [503, 503]),
        ("127.0.0.1", "redis://127.0.0.1:{port}/0", [503, 503]),
    ],
    ids=["proved", "unknown authority", "another host's certificate", "no TLS"],
)
def test_only_a_server_that_proves_its_name_is_asked(
    behind_tls: BehindTls, environment: Environment, host: str, url: str, statuses: list[int]
) -> None:
    with behind_tls(host) as (port, pem):
        assert check_twice(environment, url.format(port=port, pem=pem)) == statuses


def test_a_server_without_tls_is_not_asked(environment: Environment, valkey: PrivateValkey) -> None:
    with process({**environment, "REDIS_URL": valkey.url.replace("redis:", "rediss:")}):
        assert reports_outage(check())
    assert "smismember" not in valkey.commands()
