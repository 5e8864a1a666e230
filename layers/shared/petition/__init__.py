"""What the functions share: the HTTP edge, sessions, permissions, and the clients of outside services."""

from petition import cold_start

# Here, as every function's package imports this one first.
cold_start.begin()
