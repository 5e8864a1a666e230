"""Voter search in Directus: with credentials that the request names, and with the common ones."""
