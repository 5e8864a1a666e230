"""The stack as a program: what it says if it cannot start, and that it leaves nothing behind however it ends."""

import asyncio
import contextlib
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from local import tether
from local.description import Description
from local.process import Program, ServiceError, end
from local.state import ROOT, State, free_port, is_free
from tests.whole_stack import output_file, start_stack, wait_until_ready

SECONDS = 30
SLEEPER = "import sys, time; print('awake', flush=True); time.sleep(600)"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603 - our own program


def is_running(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False


def duplicate(stack: Description) -> None:
    """Have the gateway start a function."""
    body = {"campaignId": stack.campaign.id, "voterId": stack.campaign.signed_voter_id}
    httpx.post(f"{stack.api}/api/duplicate", json=body, timeout=SECONDS)


def eventually(condition: Callable[[], bool], seconds: float = SECONDS) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def family(process: int) -> list[int]:
    """Return a process and all its descendants."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(each for child in children for each in family(int(child)))]


def are_gone(processes: list[int]) -> bool:
    return not any(map(is_running, processes))


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("--port", str(port), "--state", str(tmp_path))
    assert result.returncode == 1
    assert f"Port {port} is taken" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr
    assert {entry.name for entry in tmp_path.iterdir()} == {"lock"}


def test_a_second_stack_in_one_folder_says_that_another_is_on_its_way(tmp_path: Path) -> None:
    with State(tmp_path).lock():
        result = run("--port", str(free_port()), "--state", str(tmp_path))
    assert (result.returncode, "in another terminal" in result.stdout) == (1, True)


def test_a_service_that_cannot_start_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    program = Program("Sieve", [sys.executable, "-c", "raise SystemExit('no water')"], tmp_path / "log", {}, tmp_path)

    async def start() -> None:
        async def never() -> bool:
            return False

        async with program.run() as process:
            await program.wait_ready(process, never)

    with pytest.raises(ServiceError, match=r"(?s)Sieve ended with status 1 .*log.*no water"):
        asyncio.run(start())


@pytest.mark.parametrize("is_killed", [True, False])
def test_a_service_that_ends_by_itself_is_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], *, is_killed: bool
) -> None:
    program = Program("Sieve", [sys.executable, "-c", SLEEPER], tmp_path / "log", {}, tmp_path)

    async def run() -> None:
        async def serves() -> bool:
            return True

        async with program.run() as process:
            await program.wait_ready(process, serves)
            if is_killed:
                process.kill()
                await process.wait()
                await asyncio.sleep(0)

    asyncio.run(run())
    assert ("Sieve ended with status" in capfd.readouterr().err) == is_killed


def test_a_program_gets_nothing_of_the_developers_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    program = Program(
        "Env", [sys.executable, "-c", "import os; print(sorted(os.environ))"], tmp_path / "log", {"OWN": "1"}, tmp_path
    )
    asyncio.run(program.run_to_end())
    assert "'OWN'" in program.log.read_text()
    assert "AWS_PROFILE" not in program.log.read_text()


def test_a_program_that_ignores_the_request_to_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.process.STOP_SECONDS", 0.2)
    deaf = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"
    program = Program("Deaf", [sys.executable, "-c", deaf], tmp_path / "log", {}, tmp_path)

    async def start_and_end() -> int:
        process = await program.start()
        await asyncio.to_thread(eventually, lambda: "awake" in program.log.read_text())
        await end(process)
        return process.pid

    assert not is_running(asyncio.run(start_and_end()))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
def test_a_killed_parent_takes_its_services_along(tmp_path: Path) -> None:
    child = tmp_path / "child"
    parent = (
        f"import os, subprocess, sys, time; child = subprocess.Popen([sys.executable, {tether.__file__!r}, "
        f"str(os.getpid()), '', sys.executable, '-c', {SLEEPER!r}], stdout=subprocess.PIPE); child.stdout.readline(); "
        f"open({str(child)!r}, 'w').write(str(child.pid)); print('ready', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:  # noqa: S603 - our own program
        assert process.stdout
        process.stdout.readline()
        assert is_running(int(child.read_text()))
        process.kill()
    assert eventually(lambda: not is_running(int(child.read_text())))


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="PostgreSQL refuses root alone")
def test_another_user_enters_a_folder_that_is_closed_to_others(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    program = tmp_path / "program"
    program.touch(mode=0o755)
    # access(2), which initdb asks, counts capabilities only where a process has it told to
    question = f"import os, pwd; print(pwd.getpwuid(os.geteuid()).pw_name, os.access({str(program)!r}, os.X_OK))"
    command = tether.tether_command([sys.executable, "-c", question], "nobody")
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)  # noqa: S603 - our own
    assert done.stdout == "nobody True\n"


class Terminal:
    """A terminal's window: what is printed in it, until it is closed."""

    def __init__(self) -> None:
        self._window, self.inside = pty.openpty()
        self.printed = ""
        self._is_closed = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        # No read may be under way when the window is closed: the kernel would wait for its end to hang up.
        while not self._is_closed.is_set():
            if select.select([self._window], [], [], 0.05)[0]:
                self.printed += os.read(self._window, 4096).decode(errors="replace")

    def close(self) -> None:
        """Close the terminal, as a person closes its window: the kernel hangs up."""
        if not self._is_closed.is_set():
            self._is_closed.set()
            self._reader.join()
            os.close(self._window)


@contextlib.contextmanager
def start_in_terminal(state: State) -> Iterator[tuple[subprocess.Popen[bytes], Terminal]]:
    """Start the program in a terminal that controls it, as a person does."""
    state.stack_file.unlink(missing_ok=True)  # of one that was killed
    terminal = Terminal()
    inside = terminal.inside
    command = ["setsid", "--ctty", sys.executable, "-m", "local", "--state", str(state.folder), "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdin=inside, stdout=inside, stderr=inside) as process:  # noqa: S603 - ours
        os.close(inside)
        try:
            yield process, terminal
        finally:
            process.kill()
            terminal.close()


def ports(stack: Description) -> list[int]:
    """Of the stack's parts that other programs call."""
    urls = (stack.api, stack.supabase.url, stack.directus.url, stack.redis.url, stack.aws.url)
    return [port for url in urls if (port := urlsplit(url).port)]


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
def test_a_start_cut_short_is_repaired_and_every_end_is_clean(tmp_path: Path) -> None:
    state = State(tmp_path)
    with start_stack(state) as process:
        assert eventually(lambda: "creating the database" in output_file(state).read_text())
        services = family(process.pid)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 0
    assert are_gone(services)

    with start_stack(state) as process:
        stack = wait_until_ready(process, state)
        duplicate(stack)
        services = family(process.pid)
        assert len(services) > 5
        assert state.stack_file.stat().st_mode & 0o077 == 0
        process.kill()
        assert eventually(lambda: are_gone(services))
        process.wait()
        # PostgreSQL takes one of its own that nobody has buried yet for one that runs.
        assert eventually(lambda: not any(Path(f"/proc/{each}").exists() for each in services))

    with start_in_terminal(state) as (process, terminal):
        assert eventually(state.stack_file.exists, 2 * SECONDS), terminal.printed
        again = Description.read(state.stack_file)
        assert (again.users, again.supabase, again.directus) == (stack.users, stack.supabase, stack.directus)
        second = run("--port", "0", "--state", str(tmp_path))
        assert (second.returncode, again.api in second.stdout) == (1, True)
        duplicate(again)
        services = family(process.pid)
        terminal.close()
        assert process.wait(SECONDS) == 0
    assert are_gone(services)
    assert all(map(is_free, ports(again)))
    assert not state.stack_file.exists()
    assert "creating the database" not in terminal.printed


def test_a_port_that_somebody_took_meanwhile_is_replaced(tmp_path: Path) -> None:
    kept = State(tmp_path).port("directus")
    assert State(tmp_path).port("directus") == kept
    with socket.create_server(("127.0.0.1", kept)):
        assert State(tmp_path).port("directus") != kept
    assert is_free(kept)
