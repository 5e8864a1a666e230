"""Voter search in Directus: with credentials that the request names, and with the common ones."""

import petition as petition  # first of all: it prepares the start
