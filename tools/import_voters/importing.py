"""The import itself, in batches: each row ends up as new, changed, unchanged or left out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import batched

from tools.import_voters.directus import Collection, DirectusError, Item
from tools.import_voters.rows import BadRow, Row

BATCH = 1000


@dataclass
class Outcome:
    """How many rows were new, changed or unchanged, and which were left out."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: list[BadRow] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """The number of all rows."""
        return self.new + self.changed + self.unchanged + len(self.bad)


def import_rows(rows: Iterable[Row | BadRow], voters: Collection, progress: Callable[[Outcome], None]) -> Outcome:
    """Import each row into the collection. A second import changes nothing.

    Args:
        rows: of the file.
        voters: where they go.
        progress: called with the outcome so far after each batch.

    Raises:
        DirectusError, httpx.HTTPError: Directus fails. Single rows that it refuses are in the outcome.
    """
    outcome = Outcome()
    for batch in batched(rows, BATCH, strict=False):
        outcome.bad += [row for row in batch if isinstance(row, BadRow)]
        good = [row for row in batch if isinstance(row, Row)]
        if good:
            _import_batch(good, voters, outcome)
        progress(outcome)
    return outcome


def _import_batch(rows: list[Row], voters: Collection, outcome: Outcome) -> None:
    existing = voters.find([row.voter for row in rows])
    new, changed = [], []
    for row in rows:
        stored = existing.get(str(row.voter["voterId"]))
        voter = voters.complete(row.voter, stored or {})
        if stored is None:
            new.append(Row(row.line, voter))
        elif any(stored[name] != value for name, value in voter.items()):
            changed.append(Row(row.line, {voters.key: stored[voters.key], **voter}))
        else:
            outcome.unchanged += 1
    outcome.new += _write(new, voters.create, outcome)
    outcome.changed += _write(changed, voters.update, outcome)


def _write(rows: list[Row], write: Callable[[list[Item]], None], outcome: Outcome) -> int:
    """Write the items. A batch that Directus refuses is halved until the bad rows are found.

    Returns:
        how many items were written.
    """
    if not rows:
        return 0
    try:
        write([row.voter for row in rows])
    except DirectusError as error:
        if len(rows) == 1:
            outcome.bad.append(BadRow(rows[0].line, f"was refused: {error}"))
            return 0
        middle = len(rows) // 2
        return _write(rows[:middle], write, outcome) + _write(rows[middle:], write, outcome)
    return len(rows)


def in_order(bad: Iterable[BadRow]) -> Iterator[BadRow]:
    """Yield bad rows in the order of the file."""
    yield from sorted(bad, key=lambda row: row.line)
