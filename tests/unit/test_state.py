import socket
from pathlib import Path

import pytest

from local.state import HOST, PORTS, free_port

HANDED_OUT = Path("/proc/sys/net/ipv4/ip_local_port_range")


@pytest.mark.skipif(not HANDED_OUT.exists(), reason="Linux alone tells which ports it hands out")
def test_none_is_among_those_that_the_system_hands_out() -> None:
    first, last = map(int, HANDED_OUT.read_text().split())
    assert not {*PORTS} & {*range(first, last + 1)}


def test_a_port_that_is_taken_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    free = free_port()
    with socket.create_server((HOST, 0)) as server:
        taken = server.getsockname()[1]
        monkeypatch.setattr("local.state.PORTS", [taken, free])
        assert {free_port() for _ in range(20)} == {free}
