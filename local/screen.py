"""The output of `make dev`: a line for each step, and a spinner if the output is a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rich.console import Console

from local.description import Description

NAME_WIDTH = 10
SUCCEEDED = "  2"  # how a status begins, after the time
READY = """\
In another terminal:
  eval "$(make -s session)"     $API, $TOKEN and more, for curl
  make logs F=duplicate         what a function writes
  make refresh-charts           what the schedule does

Each request is a line here (QUIET=1: only in .local/logs/requests.log). Ctrl-C stops everything.
"""


class Screen:
    """Writes to the terminal, or plain lines to anything else."""

    def __init__(self, *, is_quiet: bool = False) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._is_quiet = is_quiet

    def _print(self, text: str, *, style: str | None = None, markup: bool = True) -> None:
        with suppress(OSError):  # the terminal was closed, and the stack ends
            self._console.print(text, style=style, markup=markup)

    @contextmanager
    def show_spinner(self) -> Iterator[None]:
        """Show a spinner for the length of a block."""
        with self._console.status("Starting the local stack (Ctrl-C stops it)"):
            yield

    def show_step(self, name: str, what: str) -> None:
        """Say what a service does now."""
        self._print(f"  {name:<{NAME_WIDTH}} {what}", markup=False)

    def show_ready(self, stack: Description, stack_file: str) -> None:
        """Say where the stack answers and what to try."""
        self._print(f"\n[bold green]Ready[/]  [bold]{stack.api}[/]  is a page to try everything on.")
        self._print(f"       {stack_file} says where the parts are, for programs.\n")
        self._print(READY, markup=False)

    def show_request(self, line: str) -> None:
        """Show one request, unless requests are switched off."""
        if not self._is_quiet:
            self._print(line, markup=False, style=None if SUCCEEDED in line else "yellow")

    def show_stopping(self) -> None:
        """Say that the stack is stopping."""
        self._print("\nStopping")

    def show_failure(self, *sentences: str) -> None:
        """Say why the stack cannot start."""
        for sentence in sentences:
            self._print(f"\n{sentence}", style="red", markup=False)
