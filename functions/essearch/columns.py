"""The derived columns of the persons' collection."""

# Each text without case, accents, and differences between apostrophes, by the field that it is made of.
FOLDED = {
    "foldFirstName": "firstName",
    "foldMiddleName": "middleName",
    "foldLastName": "lastName",
    "foldAddress": "address",
    "foldCity": "city",
}
# Short texts that a voter and a misspelt search for that voter share.
KEYS = ("keyNames", "keySounds", "keyEnds", "keyLast", "keyFirst", "keyHouse", "keyStreet")
COLUMNS = frozenset((*FOLDED, *KEYS))
# Tells whether a person's columns were ever filled: then it holds a text, which may be empty.
FILLED = "keyNames"
