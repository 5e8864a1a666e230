"""A collection in memory that reads the filters of a search as Directus does, and by indexes as its database does."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from essearch.keys import columns_of
from essearch.persons import SORT

type Item = dict[str, Any]
# A filter of Directus, as JSON.
type Condition = Mapping[str, Any]
type Index = Mapping[object, Sequence[int]]

LAST_LETTER = "\U0010ffff"
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "_eq": lambda value, operand: value == operand,
    "_in": lambda value, operand: value in operand,
    "_null": lambda value, operand: (value is None) == operand,
    "_starts_with": lambda value, operand: str(value or "").startswith(operand),
    "_istarts_with": lambda value, operand: str(value or "").lower().startswith(operand.lower()),
    # with a wildcard at its end: the value has no character more
    "_nistarts_with": lambda value, operand: len(str(value or "")) < len(operand),
}


class ListInMemory:
    """The voters of a list, in the order of their names, with their derived columns."""

    def __init__(self, voters: Iterable[Mapping[str, object]]) -> None:
        """Fill the derived columns."""
        items = [{**voter, **columns_of(voter)} for voter in voters]
        self.items: Sequence[Item] = sorted(items, key=lambda item: tuple(str(item[name]) for name in SORT))
        self.requests = 0
        self._indexes: dict[str, Index] = {}
        self._orders: dict[str, Sequence[str]] = {}

    def read(self, query: Mapping[str, Any]) -> list[Item]:
        """The items that a query selects."""
        self.requests += 1
        offset, limit = query["offset"], query["limit"]
        return [self.items[at] for at in sorted(self._places(query["filter"]))[offset : offset + limit]]

    def count(self, condition: Condition) -> int:
        """How many items a filter selects."""
        self.requests += 1
        return len(self._places(condition))

    def _places(self, condition: Condition) -> set[int]:
        """The items that meet the first condition, by its index; the others are checked item by item."""
        [(name, value)] = condition.items()
        if name == "_or":
            return set().union(*map(self._places, value))
        if name == "_and":
            first, *others = value
            return {at for at in self._places(first) if all(holds(self.items[at], each) for each in others)}
        return set(self._find(name, *value.items()))

    def _find(self, name: str, comparison: tuple[str, Any]) -> Iterable[int]:
        operator, operand = comparison
        index = self._index(name)
        if operator == "_null":
            return index.get(None, ())
        values = self._starting(name, operand) if operator == "_starts_with" else operand
        if operator in ("_in", "_starts_with"):
            return [at for value in values for at in index.get(value, ())]
        if operator == "_eq":
            return index.get(operand, ())
        return [at for at, item in enumerate(self.items) if COMPARISONS[operator](item[name], operand)]

    def _starting(self, name: str, start: str) -> Sequence[str]:
        if name not in self._orders:
            self._orders[name] = sorted(map(str, self._index(name)))
        values = self._orders[name]
        return values[bisect_left(values, start) : bisect_left(values, start + LAST_LETTER)]

    def _index(self, name: str) -> Index:
        if name not in self._indexes:
            index: dict[object, list[int]] = defaultdict(list)
            for at, item in enumerate(self.items):
                index[item[name]].append(at)
            self._indexes[name] = dict(index)
        return self._indexes[name]


def holds(item: Item, condition: Condition) -> bool:
    """Whether an item meets a condition."""
    [(name, value)] = condition.items()
    if name == "_and":
        return all(holds(item, each) for each in value)
    if name == "_or":
        return any(holds(item, each) for each in value)
    [(operator, operand)] = value.items()
    return COMPARISONS[operator](item[name], operand)
