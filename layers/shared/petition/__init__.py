"""What the functions share: the HTTP edge, sessions, permissions, and the clients of outside services."""

from petition.lean import start_lean

# Here, as every function imports this package before what it is for.
start_lean()
