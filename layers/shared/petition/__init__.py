"""What the functions share: the HTTP edge, sessions, permissions, and the clients of outside services."""

from petition.cold_start import tune_cold_start

# Here, as every function imports this package before what it is for.
tune_cold_start()
