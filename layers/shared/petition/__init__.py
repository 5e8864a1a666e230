"""What the functions share: the HTTP edge, sessions, permissions, and the clients of outside services."""

from petition import cold_start

# Here, as every function imports this package before what it is for.
cold_start.begin()
