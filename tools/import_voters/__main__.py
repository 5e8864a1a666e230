"""`python -m tools.import_voters voters.csv`: see docs/how-to.md.

It goes into the Directus of the running local stack, or into the one that DIRECTUS_URL, DIRECTUS_EMAIL and
DIRECTUS_PASSWORD name. The settings of the persons' collection (PERSONS_COLLECTION, PERSONS_FIELDS, PERSONS_COLUMNS)
mean what they mean to the functions. Where the collection has the columns of close searches, they are filled too.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
from rich.console import Console

from local.description import Description
from local.state import ROOT
from petition.config.settings import SettingsError
from tools.import_voters.columns import FIELDS, UnknownColumnsError
from tools.import_voters.directus import SECONDS, AdminLogin, Collection, DirectusError
from tools.import_voters.importing import Outcome, import_rows, in_order
from tools.import_voters.rows import read_rows

MAX_SHOWN = 50
STACK = ROOT / ".local" / "stack.json"


def main(arguments: list[str] | None = None) -> int:
    """Import a file.

    Returns:
        0 if every row was imported, 1 if rows were left out, 2 if nothing could be done.
    """
    options = _options(arguments)
    console = Console(highlight=False, soft_wrap=True)
    try:
        with _client() as client:
            outcome = _import(options, client, console)
    except (UnknownColumnsError, DirectusError, SettingsError, httpx.HTTPError, OSError) as error:
        console.print(str(error), markup=False)
        return 2
    except UnicodeDecodeError:
        console.print(f"The file is not encoded in {options.encoding}: name its encoding, as in ENCODING=cp1252.")
        return 2
    return _report(outcome, console)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools.import_voters")
    parser.add_argument("file", type=Path)
    parser.add_argument("--columns", default="", help='"Voter ID=voterId, DOB=birthYear"; "Notes=-" leaves one out')
    parser.add_argument("--encoding", default="utf-8-sig")
    return parser.parse_args(arguments)


def _import(options: argparse.Namespace, client: httpx.Client, console: Console) -> Outcome:
    chosen = _parse_columns(options.columns)
    voters = Collection.from_settings(client)
    rows = read_rows(options.file, options.encoding, chosen)
    if made := voters.prepare(FIELDS):
        console.print(f"Created in Directus: {', '.join(made)}", markup=False)
    with console.status("Importing") as status:

        def show(outcome: Outcome) -> None:
            text = f"{outcome.rows:,} rows: {outcome.new:,} new, {outcome.changed:,} changed"
            status.update(text) if console.is_terminal else console.print(text)

        return import_rows(rows, voters, show)


def _parse_columns(columns: str) -> Mapping[str, str]:
    pairs = [pair.rpartition("=") for pair in columns.split(",") if pair.strip()]
    return {column.strip(): field.strip() for column, _, field in pairs}


def _client() -> httpx.Client:
    url, email, password = (os.environ.get(f"DIRECTUS_{name}", "") for name in ("URL", "EMAIL", "PASSWORD"))
    if not url:
        if not STACK.exists():
            raise DirectusError("The local stack is not running. Start it with `make dev`, or set DIRECTUS_URL.")
        directus = Description.read(STACK).directus
        url, email, password = directus.url, directus.admin_email, directus.admin_password
    url = url.rstrip("/")
    return httpx.Client(base_url=url, auth=AdminLogin(url, email, password), timeout=SECONDS, trust_env=False)


def _report(outcome: Outcome, console: Console) -> int:
    for bad in list(in_order(outcome.bad))[:MAX_SHOWN]:
        console.print(f"line {bad.line}: {bad.problem}", markup=False)
    if len(outcome.bad) > MAX_SHOWN:
        console.print(f"... and {len(outcome.bad) - MAX_SHOWN:,} more")
    console.print(
        f"{outcome.new:,} new, {outcome.changed:,} changed, {outcome.unchanged:,} unchanged, "
        f"{len(outcome.bad):,} left out",
        markup=False,
    )
    return 1 if outcome.bad else 0


if __name__ == "__main__":
    sys.exit(main())
