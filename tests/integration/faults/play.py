"""Plays one cell of the matrix: a process, a fault, an answer, and the time after."""

from dataclasses import dataclass
from pathlib import Path

from tests.integration.faults.matrix import FINE, Around, Cell
from tests.integration.faults.scene import ROUTES, Scene, scene
from tests.integration.faults.servers import Answer, Background, Connection, HttpServer, Request, Switch
from tests.private_valkey import PrivateValkey


@dataclass(frozen=True)
class CellResult:
    """What happened in a cell.

    Attributes:
        before: the answer before the fault; "" where it met the first call.
        answer: the answer to the fault, in a few words.
        seconds: how long it took.
        text: the whole of it.
        after: the answer after the fault; "" where the fault does not end.
        leaks: what the process still held in the end.
        log: what it logged.
    """

    before: str
    answer: str
    seconds: float
    text: str
    after: str
    leaks: str
    log: str


def play(cell: Cell, loop: Background, valkey: PrivateValkey, folder: Path) -> CellResult:
    """Play a cell with a process and services of its own."""
    log = folder / "log.txt"
    environment = {**cell.table.environment, **cell.row.environment}
    with scene(loop, valkey, ROUTES[cell.route], log, environment) as now:
        sockets = now.process.sockets
        before = _warm_up(cell, now)
        _begin(cell, now, loop)
        answer, outcome = now.ask()
        after = _recover(cell, now, loop) if cell.row.does else ""
        return CellResult(
            before, answer, outcome.seconds, str(outcome.result), after, now.leaks(sockets), log.read_text()
        )


def expected_words(cell: Cell) -> str:
    """The answer of a cell, in the words in which it is seen."""
    success = ROUTES[cell.route].success
    if cell.words == FINE:
        return success
    match cell.route:
        case "schedule":
            raised = {"502": "UpstreamError", "503": "UpstreamBusy", "504": "UpstreamTimeout"}
            return f"raises {raised[cell.words[:3]]}"
        case "worker":
            return "comes again"
    return cell.words


def _warm_up(cell: Cell, now: Scene) -> str:
    now.remember_permissions()
    if cell.connection == "first":
        if not cell.table.cached:
            now.forget_permissions()
        return ""
    if not cell.table.cached:
        now.forget_permissions()
    before = now.ask()[0]
    if not cell.table.cached:
        now.forget_permissions()
    return before


def _begin(cell: Cell, now: Scene, loop: Background) -> None:
    server = now.servers[cell.table.server]
    match cell.row.does:
        case "refuse":
            loop.run(server.refuse())
        case "swallow":
            loop.run(server.swallow())
        case Around(make):
            assert isinstance(server, HttpServer)
            server.fault = _only(cell.table.paths, make(server.answer), server)
        case None:
            pass
        case fault:
            server.fault = _only(cell.table.paths, fault, server)


def _only(paths: str, fault: Answer, server: Switch) -> Answer:
    if not isinstance(server, HttpServer):
        return fault

    async def answer(connection: Connection, request: Request) -> None:
        await (fault if request.path.startswith(paths) else server.answer)(connection, request)

    return answer


def _recover(cell: Cell, now: Scene, loop: Background) -> str:
    server = now.servers[cell.table.server]
    server.fault = None
    loop.run(server.listen())
    if not cell.table.cached:
        now.forget_permissions()
    return now.ask_until(now.route.success, cell.table.recovers_within)
