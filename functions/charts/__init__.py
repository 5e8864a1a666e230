"""Charts: their definitions, and generating their data."""

import petition as petition  # first of all: it prepares the start
