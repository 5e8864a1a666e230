"""The persons' collection, read under the names of an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from essearch.matching import Fields, Filter, Person
from petition.validation import JsonValue

SORT = ("lastName", "firstName", "voterId")


class Items(Protocol):
    """A collection of Directus, or what reads like one."""

    def read(self, query: dict[str, JsonValue]) -> list[dict[str, object]]:
        """The items that a query (filter, fields, sort, limit, offset) selects."""

    def count(self, condition: Filter) -> int:
        """How many items a filter selects."""


@dataclass(frozen=True)
class Persons:
    """The persons of a collection, in the order of their names."""

    items: Items
    fields: Fields

    def read(self, condition: Filter, *, limit: int, offset: int = 0) -> Sequence[Person]:
        """The persons who meet a condition, keyed by the names of an answer.

        Raises: as the collection's `read`.
        """
        items = self.items.read(
            {
                "fields": list(self.fields.wire.values()),
                "filter": condition,
                "sort": [self.fields.wire[name] for name in SORT if name in self.fields.wire],
                "limit": limit,
                "offset": offset,
            }
        )
        # What ignores the limit would make an answer that Lambda refuses.
        return [{name: item.get(field) for name, field in self.fields.wire.items()} for item in items[:limit]]

    def count(self, condition: Filter) -> int:
        """How many persons meet a condition.

        Raises: as the collection's `count`.
        """
        return self.items.count(condition)
