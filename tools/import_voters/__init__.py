"""Import a voter file: the rows of a CSV file into the collection that searches read. It may be repeated."""
