"""Whether a collection has the derived columns: Directus refuses a query that names one that it has not."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from essearch.matching import Fields
from petition.clients.directus import FieldRefused
from petition.process_singleton import process_singleton
from petition.telemetry import logger

MISSING_SECONDS = 60.0
COLUMNS_ARE_MISSING = (
    "the persons' collection has no derived columns, or the search's user may not read them: "
    "searches compare accents, and close ones find exact matches only"
)


@dataclass
class DerivedColumns:
    """What a process knows of the collections that it searches.

    Attributes:
        missing_until: by collection, the moment (monotonic) until which its columns are not asked for.
    """

    missing_until: dict[str, float] = field(default_factory=dict)

    def use[Result](self, collection: str, fields: Fields, search: Callable[[Fields], Result]) -> Result:
        """Search with the derived columns, or without them where they are missing.

        Raises: as `search`.
        """
        if not fields.derived or time.monotonic() < self.missing_until.get(collection, 0.0):
            return search(Fields(fields.wire))
        try:
            return search(fields)
        except FieldRefused:
            result = search(Fields(fields.wire))  # first: another field, or the collection itself may be refused
        if collection not in self.missing_until:
            logger.warning(COLUMNS_ARE_MISSING)
        self.missing_until[collection] = time.monotonic() + MISSING_SECONDS
        return result


@process_singleton
def derived_columns() -> DerivedColumns:
    """The process's."""
    return DerivedColumns()
