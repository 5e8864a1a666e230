"""Charts: their definitions, and generating their data."""
