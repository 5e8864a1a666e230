"""Import a voter file: rows of a CSV into the collection that searches read, as often as one likes."""
