"""Voter search in Directus: with credentials that the request names, and with the common ones."""

# Nothing is imported here: the local stack makes search keys without the layer.
