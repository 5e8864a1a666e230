"""The duplicate check: which voters have signed a campaign."""

import petition as petition  # first of all: it prepares the start
