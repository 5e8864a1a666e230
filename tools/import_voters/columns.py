"""The mapping of a file's columns to a voter's fields."""

from collections.abc import Iterable, Mapping, Sequence

FIELDS = (
    *("voterId", "firstName", "middleName", "lastName", "suffix", "birthYear"),
    *("address", "city", "state", "zip", "county", "precinct", "status", "registrationDate"),
)
# As files of American counties and states head their columns, in small letters and without anything else.
ALIASES = {
    "voterId": "voteridnumber voternumber registrationid registrationnumber regnum vuid statevoterid sosvoterid",
    "firstName": "first fname namefirst givenname",
    "middleName": "middle mname namemiddle middleinitial mi",
    "lastName": "last lname namelast surname familyname",
    "suffix": "namesuffix sfx",
    "birthYear": "yearofbirth yob birthdate dateofbirth dob",
    "address": "address1 street streetaddress residenceaddress resaddress residentialaddress residentaddress addr",
    "city": "rescity residencecity residentialcity town municipality",
    "state": "resstate residencestate statecode",
    "zip": "zipcode zip5 reszip residencezip postalcode",
    "county": "countyname",
    "precinct": "precinctname precinctcode pct",
    "status": "voterstatus statuscode registrationstatus",
    "registrationDate": "registrationdt regdate dateregistered registered",
}
FIELD_OF = {alias: field for field in FIELDS for alias in (field.lower(), *ALIASES[field].split())}


class UnknownColumnsError(Exception):
    """The file's columns cannot be mapped. The message says which, and how to name them."""


def map_columns(header: Sequence[str], chosen: Mapping[str, str]) -> dict[int, str]:
    """Return the field of each column that holds one, by the column's index.

    Args:
        header: the file's first row.
        chosen: fields by column, as somebody has named them. These win; a field named "-" leaves the column out.

    Raises:
        UnknownColumnsError: a chosen column or field does not exist, two columns hold one field, or none holds voterId.
    """
    if absent := set(chosen) - set(header):
        raise UnknownColumnsError(f"The file has no column {_list(absent)}. It has {_list(header)}.")
    if wrong := set(chosen.values()) - {*FIELDS, "-"}:
        raise UnknownColumnsError(f"There is no field {_list(wrong)}. There are {_list(FIELDS)}.")
    taken = set(chosen.values())
    mapped = {
        place: field
        for place, column in enumerate(header)
        if (field := chosen.get(column) or _guess(column, taken)) and field != "-"
    }
    if twice := {field for field in mapped.values() if list(mapped.values()).count(field) > 1}:
        raise UnknownColumnsError(f'Several columns hold {_list(twice)}: choose one with COLUMNS="column=field".')
    if "voterId" not in mapped.values():
        raise UnknownColumnsError(
            f'No column holds voterId: name it with COLUMNS="column=voterId". It is one of {_list(header)}.'
        )
    return mapped


def _guess(column: str, taken: set[str]) -> str | None:
    field = FIELD_OF.get("".join(filter(str.isalnum, column)).lower())
    return None if field in taken else field


def _list(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
