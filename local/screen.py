"""What a person sees while the stack starts: a line a step, and a spinner where the output is a terminal."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from shlex import quote

from rich.console import Console

from local.description import Description

NAME_WIDTH = 10


class Screen:
    """Writes to the terminal; plain lines where it is none."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Spin for the length of a block."""
        with self._console.status("Starting the local stack (Ctrl-C stops it)"):
            yield

    def step(self, name: str, what: str) -> None:
        """Say what a service does now."""
        self._console.print(f"  {name:<{NAME_WIDTH}} {what}", markup=False)

    def ready(self, stack: Description, stack_file: str) -> None:
        """Say where the stack answers and what to try."""
        body = {"campaignId": stack.campaign.id, "voterId": stack.campaign.signed_voter_id}
        json_header, token = "-H 'Content-Type: application/json'", '-H "Authorization: Bearer $TOKEN"'
        self._console.print(f"\n[bold green]Ready[/]  {stack.api}   (everything else: {stack_file})")
        self._console.print(
            "\nIn another terminal:\n\n"
            '  eval "$(make -s session)"\n'
            f"  curl $API/api/duplicate {token} {json_header} -d {quote(json.dumps(body))}\n\n"
            "Ctrl-C stops everything.",
            markup=False,
        )

    def stopping(self) -> None:
        """Say that the end has begun."""
        self._console.print("\nStopping")

    def failed(self, *sentences: str) -> None:
        """Say why the stack cannot start."""
        for sentence in sentences:
            self._console.print(f"\n{sentence}", style="red", markup=False)
