"""What a role of Supabase may do in the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg


@contextmanager
def act_as(database: psycopg.Connection, role: str, user: UUID | None = None) -> Iterator[None]:
    """Take on a role, as a signed-in user if one is given, for the length of a block; then undo what was done."""
    with database.transaction(force_rollback=True):
        database.execute("select set_config('request.jwt.claim.sub', %s, true)", (str(user or ""),))
        database.execute(f"set local role {role}")
        yield
