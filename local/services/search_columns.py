"""The derived columns of the voters, which `make search-keys` fills in other installations."""

import json
import sys
from collections.abc import Iterator, Mapping

from local.demo.voters import Voter
from local.state import ROOT

FUNCTIONS = ROOT / "functions"
SNAPSHOT = ROOT / "directus" / "search-columns.json"
INDEXES = ROOT / "directus" / "indexes.sql"
# The functions run in processes of their own; these few are called here.
sys.path.append(str(FUNCTIONS))

from essearch import keys  # noqa: E402 - found by the line above

SOURCES = [
    SNAPSHOT,
    INDEXES,
    *(FUNCTIONS / "essearch" / f"{name}.py" for name in ("address", "columns", "folding", "keys")),
]


def columns_of(voter: Voter) -> dict[str, str]:
    """Return every derived column of a voter."""
    return keys.columns_of(voter.item())


def search_fields() -> Iterator[Mapping[str, object]]:
    """Yield the columns as Directus creates them: hidden, and with an index."""
    for column in json.loads(SNAPSHOT.read_text())["fields"]:
        meta = {name: column["meta"][name] for name in ("hidden", "readonly", "note", "searchable")}
        schema = {name: column["schema"][name] for name in ("max_length", "is_nullable", "is_indexed")}
        yield {"field": column["field"], "type": column["type"], "meta": meta, "schema": schema}


def indexes() -> str:
    """Return the script that creates the indexes in one transaction: nobody else writes to the list meanwhile."""
    return INDEXES.read_text().replace(" concurrently", "")
