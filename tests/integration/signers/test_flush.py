"""Redis loses everything while sixteen people check: through the gateway, with the queue's own worker."""

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import batched
from typing import Any

import httpx
import pytest

from local.loopback import LOOPBACK
from local.state import ROOT
from tests.integration.gateway.harness import Harness, background_loop, starter
from tests.integration.lambda_process import session
from tests.integration.signers.sets import Sets
from tests.integration.signers.table import CAMPAIGN, Table

CLIENTS, KNOWN, OTHERS = 16, 2000, 2000
SECONDS = 300
PAGE = 25
SETTINGS = {"template": ROOT / "template.yaml", "layers": [ROOT / "layers" / "shared"], "reload": False, "processes": 4}


@pytest.fixture
def gateway(environment: Mapping[str, str], aws_url: str, queue_url: str) -> Iterator[Harness]:
    """The template's functions, with the worker that takes what is queued."""
    for loop in background_loop():
        with contextmanager(starter)(loop) as begin:
            yield begin(**SETTINGS, environment={"*": environment}, queues={"SignersQueue": queue_url}, sqs_url=aws_url)


class Client:
    """Somebody who goes through their share of the voters again and again, and remembers every wrong answer."""

    def __init__(self, url: str, voters: list[str], signers: set[str]) -> None:
        self.wrong = list[object]()
        self.passes = 0
        self._voters, self._signers = voters, signers
        headers = {"Authorization": f"Bearer {session()}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=SECONDS, **LOOPBACK)

    def check_until(self, over: threading.Event) -> None:
        """Check one by one and page by page; a pass that was begun is finished."""
        with self._http:
            while not over.is_set():
                for page in batched(self._voters, 2 * PAGE, strict=False):
                    self._check_page(page[:PAGE])
                    for voter in page[PAGE:]:
                        self._check_one(voter)
                self.passes += 1

    def _check_one(self, voter: str) -> None:
        self._compare({"voterId": voter}, {"exists": voter in self._signers})

    def _check_page(self, voters: tuple[str, ...]) -> None:
        self._compare({"voterIds": voters}, {"signed": [voter for voter in voters if voter in self._signers]})

    def _compare(self, asked: Mapping[str, object], expected: Mapping[str, object]) -> None:
        answer = self._http.post("/api/duplicate", json={"campaignId": str(CAMPAIGN), **asked})
        found: Any = answer.json()
        if (answer.status_code, found) != (200, expected):
            self.wrong.append((answer.status_code, asked, found))


def until(holds: object, clients: list[Client]) -> None:
    """Wait until something holds; checking goes on meanwhile."""
    pause, deadline = threading.Event(), SECONDS / 0.05
    while not holds():  # type: ignore[operator]  # a function
        deadline -= 1
        assert deadline > 0, "it never came true"
        assert not [client.wrong for client in clients if client.wrong]
        pause.wait(0.05)


def test_not_one_wrong_answer_before_during_and_after_a_loss_of_everything(
    gateway: Harness, table: Table, sets: Sets
) -> None:
    known = [f"k{number}" for number in range(KNOWN)]
    others = [f"o{number}" for number in range(OTHERS)]
    table.sign(*known)
    voters, over = known + others, threading.Event()
    clients = [Client(gateway.gateway.url, voters[each::CLIENTS], set(known)) for each in range(CLIENTS)]

    def everybody_has_done(passes: int) -> bool:
        return all(client.passes >= passes for client in clients)

    with ThreadPoolExecutor(CLIENTS) as pool:
        checking = [pool.submit(client.check_until, over) for client in clients]
        try:
            until(lambda: sets.is_whole() and everybody_has_done(1), clients)
            for _ in range(3):
                sets.redis.flushall()
                assert not sets.is_whole()
                until(sets.is_whole, clients)
            finished = max(client.passes for client in clients)
            until(lambda: everybody_has_done(finished + 1), clients)
        finally:
            over.set()
    assert [each.result() for each in checking] == [None] * CLIENTS
    assert [client.wrong for client in clients if client.wrong] == []
    assert sets.members() == set(known)
