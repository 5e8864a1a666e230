"""Where the persons are, and what their fields are called."""

from collections.abc import Iterable, Mapping
from functools import cache

import msgspec

from essearch.columns import COLUMNS
from essearch.matching import Fields
from petition.config.settings import Settings

PERSON_FIELDS = (
    *("voterId", "firstName", "middleName", "lastName", "address", "city", "state", "zip", "county"),
    "birthYear",
)


class FieldNames(dict[str, str]):
    """The collection's field for each name, from a JSON object.

    Raises:
        ValueError: the text is not a JSON object of strings.
    """

    def __init__(self, text: str) -> None:
        super().__init__(msgspec.json.decode(text, type=dict[str, str]))


class PersonsSettings(Settings):
    """Where the persons are.

    Attributes:
        persons_collection: the collection's name.
        persons_fields: a JSON object, the collection's field for each name of an answer. Only these are returned, and
            a criterion whose name is not among them is refused.
        persons_columns: a JSON object, the collection's field for each derived column; `{}` where it has none.
        persons_id_field: the field that tells one person from another.
        persons_updated_field: the field with the moment of a person's last change, such as `date_updated`; unset where
            there is none.
    """

    persons_collection: str = "persons"
    persons_fields: FieldNames | None = None
    persons_columns: FieldNames | None = None
    persons_id_field: str = "id"
    persons_updated_field: str | None = None

    @property
    def fields(self) -> Fields:
        """The collection's fields; if unset, they have the names of the answer and of the columns."""
        return Fields(
            self.persons_fields or _same(PERSON_FIELDS),
            _same(COLUMNS) if self.persons_columns is None else self.persons_columns,
        )


def _same(names: Iterable[str]) -> Mapping[str, str]:
    return {name: name for name in names}


@cache
def persons_settings() -> PersonsSettings:
    """The process's settings, read once.

    Raises:
        SettingsError: PERSONS_FIELDS or PERSONS_COLUMNS is not a JSON object of strings.
    """
    return PersonsSettings.load()
