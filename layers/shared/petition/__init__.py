"""What the functions share: the HTTP edge, sessions, permissions, and the clients of outside services."""

import os

from petition import cold_start

# Here, because every function imports this package first.
cold_start.begin()

if cold_start.is_on_lambda():
    # AWS answers while the rest is imported.
    from petition.config import secrets

    secrets.begin_prefetch(os.environ.values())
