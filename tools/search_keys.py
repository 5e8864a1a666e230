"""`python -m tools.search_keys`: create and fill the derived columns of the persons' collection.

Without an address it works on the local stack. With one, it asks for an administrator's token. It may be repeated at
any time: what is up to date is left alone. --check only counts, and fails if a column is stale.
"""

import argparse
import getpass
import json
import os
import sys
from pathlib import Path
from urllib.parse import quote

import httpx

from essearch.filling import Filler, Progress
from essearch.matching import Fields
from essearch.settings import PersonsSettings
from local.description import Description
from local.state import ROOT, State
from petition.clients.directus import Collection
from petition.clients.directus_token import Credentials
from petition.config.rotating_setting import RotatingSetting
from petition.config.service_url import ServiceUrl
from petition.config.settings import SettingsError
from petition.deadline import Deadline
from petition.errors import PetitionError

SNAPSHOT = ROOT / "directus" / "search-columns.json"
SECONDS = 60
# For the whole run; each request has a limit of its own.
MOST_SECONDS = 24 * 3600


def main() -> int:
    """Create the columns, fill them and report.

    Returns:
        1 if --check finds a stale column, 2 if Directus refuses, 0 otherwise.
    """
    parser = argparse.ArgumentParser(prog="python -m tools.search_keys", description=__doc__)
    parser.add_argument("address", nargs="?", type=ServiceUrl, help="of a Directus, e.g. https://directus.example.org")
    parser.add_argument("--check", action="store_true", help="only count the persons whose columns are stale")
    given = parser.parse_args()
    try:
        progress = _run(given.address, is_check=given.check)
    except (PetitionError, SettingsError, httpx.HTTPError, OSError) as error:
        print(f"search-keys: {_reason(error)}", file=sys.stderr)  # noqa: T201 - a command's own output
        return 2
    print(f"{progress.read:,} persons, {progress.stale:,} of them stale, {progress.written:,} written")  # noqa: T201
    return 1 if progress.stale > progress.written else 0


def _run(address: ServiceUrl | None, *, is_check: bool) -> Progress:
    settings = PersonsSettings.load()
    url, token = (address, getpass.getpass("Token of an administrator: ")) if address else _local()
    if not is_check:
        create_columns(url, token, settings)
    login = RotatingSetting(lambda: Credentials(url, "", ""))  # only a token
    collection = Collection(settings.persons_collection, login, Deadline(MOST_SECONDS), token=token)
    progress = Progress()
    Filler(collection, settings.fields, settings.persons_id_field, _show).fill(None, progress, is_dry=is_check)
    return progress


def _local() -> tuple[ServiceUrl, str]:
    """Return the address of the running stack's Directus, and a token of its administrator."""
    directus = Description.read(Path(os.environ.get("STACK") or State.default().stack_file)).directus
    login = {"email": directus.admin_email, "password": directus.admin_password}
    answer = httpx.post(f"{directus.url}/auth/login", json=login, timeout=SECONDS).raise_for_status()
    return ServiceUrl(directus.url), str(answer.json()["data"]["access_token"])


def create_columns(url: str, token: str, settings: PersonsSettings) -> None:
    """Create the derived columns that the collection lacks, with their indexes, and touch nothing else.

    Raises:
        httpx.HTTPError: Directus refuses.
    """
    with httpx.Client(base_url=url, timeout=SECONDS, headers={"Authorization": f"Bearer {token}"}) as client:
        path = f"/fields/{quote(settings.persons_collection, safe='')}"
        present = {each["field"] for each in client.get(path).raise_for_status().json()["data"]}
        for column in columns_for(settings.fields):
            if column["field"] not in present:
                client.post(path, json=column).raise_for_status()


def columns_for(fields: Fields) -> list[dict[str, object]]:
    """Return the fields of the committed snapshot, under the names that they have in a deployment."""
    columns = json.loads(SNAPSHOT.read_text())["fields"]
    return [
        {
            "field": fields.derived[column["field"]],
            "type": column["type"],
            "meta": {name: value for name, value in column["meta"].items() if name not in ("collection", "field")},
            "schema": {name: column["schema"][name] for name in ("max_length", "is_nullable", "is_indexed")},
        }
        for column in columns
        if column["field"] in fields.derived
    ]


def _show(progress: Progress) -> None:
    if sys.stderr.isatty():
        print(f"\r{progress.read:,} persons read, {progress.written:,} written", end="", file=sys.stderr)  # noqa: T201


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"Directus answers {error.response.status_code}."
    if isinstance(error, FileNotFoundError):
        return "The stack is not running: start it with  make dev, or give the address of a Directus."
    return str(error) or type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
