"""Fill the derived columns of persons where they are missing or stale, in batches.

A stale key hides its voter. Only what differs is written, so that a run can be repeated at any time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Protocol

from essearch.columns import FILLED, FOLDED
from essearch.keys import columns_of
from essearch.matching import Fields, Filter
from petition.validation import JsonValue

READ_AT_ONCE = 1000
# Directus writes them one by one, in one transaction.
WRITTEN_AT_ONCE = 200

type Item = dict[str, object]


class WritableItems(Protocol):
    """A collection of Directus, or what behaves like one."""

    def read(self, query: dict[str, JsonValue]) -> list[Item]:
        """The items that a query selects."""

    def update(self, items: list[JsonValue]) -> None:
        """Change fields of items, each of which has its primary key."""


def select_unfilled(fields: Fields) -> Filter:
    """The condition of those whose columns were never filled. Whoever is written no longer meets it."""
    return {fields.derived[FILLED]: {"_null": True}}


@dataclass
class Progress:
    """What a run has done so far.

    Attributes:
        read: persons whose columns were compared.
        stale: those of them whose columns were missing or stale.
        written: those of them that were written.
    """

    read: int = 0
    stale: int = 0
    written: int = 0


@dataclass(frozen=True)
class Filler:
    """Fills the derived columns of a collection.

    Attributes:
        primary_key: the name of the field.
        report: called after each batch.
    """

    items: WritableItems
    fields: Fields
    primary_key: str
    report: Callable[[Progress], None] = lambda _: None

    def fill(self, condition: Filter | None, progress: Progress, *, is_dry: bool = False) -> None:
        """Fill the columns of the persons who meet a condition, or of all, in the order of their primary keys.

        Args:
            condition: a filter of Directus.
            progress: updated after each batch, so that it says what was done if a later one fails.
            is_dry: only count.

        Raises: as the collection's `read` and `update`.
        """
        is_emptied = condition is not None and not is_dry and condition == select_unfilled(self.fields)
        for page in self._pages(condition, is_emptied=is_emptied):
            stale = [changed for item in page if (changed := self._changes(item))]
            progress.read += len(page)
            progress.stale += len(stale)
            for batch in () if is_dry else batched(stale, WRITTEN_AT_ONCE, strict=False):
                self.items.update(list(batch))
                progress.written += len(batch)
            self.report(progress)

    def _pages(self, condition: Filter | None, *, is_emptied: bool) -> Iterator[Sequence[Item]]:
        """Read page by page until one is empty: a short page may be one that Directus has cut.

        A page begins after the last key if keys are numbers. Directus does not compare texts and UUIDs, so with these
        it begins at an offset, which stays 0 if persons no longer meet the condition once they are written.
        """
        after: Filter | None = None
        offset = 0
        while page := self._read([each for each in (condition, after) if each], offset):
            yield page
            last = page[-1][self.primary_key]
            if isinstance(last, int):
                after = {self.primary_key: {"_gt": last}}
            elif not is_emptied:
                offset += len(page)

    def _read(self, conditions: Sequence[Filter], offset: int) -> Sequence[Item]:
        needed = {self.fields.wire[name] for name in FOLDED.values() if name in self.fields.wire}
        query: dict[str, JsonValue] = {
            "fields": [self.primary_key, *sorted(needed), *self.fields.derived.values()],
            "sort": [self.primary_key],
            "limit": READ_AT_ONCE,
            "offset": offset,
        }
        filters: list[JsonValue] = [*conditions]
        return self.items.read(query | ({"filter": {"_and": filters}} if filters else {}))

    def _changes(self, item: Item) -> dict[str, JsonValue]:
        """Return the fields of an item to write; none if its columns are right."""
        columns = self.columns_for(item)
        changed = {name: value for name, value in columns.items() if item.get(name) != value}
        key = {self.primary_key: _scalar(item[self.primary_key])}
        return {**key, **changed} if changed else {}

    def columns_for(self, item: Mapping[str, object]) -> dict[str, JsonValue]:
        """The derived columns of an item, both under the collection's names."""
        person = {name: item.get(field) for name, field in self.fields.wire.items()}
        return {self.fields.derived[n]: value for n, value in columns_of(person).items() if n in self.fields.derived}


def _scalar(value: object) -> str | int:
    return value if isinstance(value, int) else str(value)
