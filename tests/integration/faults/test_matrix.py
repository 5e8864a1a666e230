"""Every cell of the fault matrix: the documented answer in time, the next request right, nothing left behind."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.integration.faults.document import DOCUMENT, with_tables
from tests.integration.faults.matrix import Cell, cells
from tests.integration.faults.play import CellResult, expected_words, play
from tests.integration.faults.scene import ROUTES, SECRET, SIGNERS
from tests.integration.faults.servers import Background, background
from tests.integration.faults.services import CAMPAIGN
from tests.private_valkey import PrivateValkey

# Most of a cell is waiting.
AT_ONCE = 8
HIDDEN = SECRET, "leaked", "example.org"
CELLS = {cell.id: cell for cell in cells()}


@dataclass
class Run:
    """The cells that this run asks for, all of them under way at once."""

    loop: Background
    valkey: PrivateValkey
    folder: Path
    started: dict[str, Future[CellResult]] = field(default_factory=dict)

    def play(self, cell: Cell) -> CellResult:
        return play(cell, self.loop, self.valkey, Path(mkdtemp(dir=self.folder)))

    def result(self, cell: Cell) -> CellResult:
        """Return the cell's result. A cell that went wrong is tried again alone, because a busy machine may be late."""
        with suppress(TimeoutError):
            seen = self.started[cell.id].result()
            if not differences(cell, seen):
                return seen
        wait(self.started.values())
        return self.play(cell)


@pytest.fixture(scope="module")
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    asked = {item.name.partition("[")[2].removesuffix("]") for item in request.session.items}
    with background() as loop, PrivateValkey() as valkey, ThreadPoolExecutor(AT_ONCE) as pool:
        valkey.client.sadd(f"campaign:{CAMPAIGN}:signers", *SIGNERS)
        run = Run(loop, valkey, tmp_path_factory.mktemp("cells"))
        run.started.update({name: pool.submit(run.play, cell) for name, cell in CELLS.items() if name in asked})
        yield run
        for future in run.started.values():
            future.cancel()


@pytest.mark.parametrize("name", CELLS)
def test_a_fault_is_answered_as_documented_and_then_forgotten(name: str, run: Run) -> None:
    cell = CELLS[name]
    assert differences(cell, run.result(cell)) == {}


def test_the_documented_table_is_the_one_that_is_tested() -> None:
    assert DOCUMENT.read_text() == with_tables(DOCUMENT.read_text()), "stale: run `make reliability`"


def differences(cell: Cell, seen: CellResult) -> dict[str, object]:
    """Return what differs from the table."""
    success = ROUTES[cell.route].success
    checks = {
        "before": seen.before in {"", success},
        "answer": seen.answer == expected_words(cell),
        "seconds": seen.seconds < cell.within,
        "after": seen.after in ({success} if cell.row.does else {""}),
        "leaks": not seen.leaks,
        "text": not [word for word in HIDDEN if word in seen.text],
        "log": not [word for word in HIDDEN if word in seen.log],
    }
    return {name: getattr(seen, name) for name, is_right in checks.items() if not is_right}
