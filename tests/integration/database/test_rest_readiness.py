"""The REST interface is ready when its first requests may come together."""

from testing import postgres
from testing.rest import serve

MAY_INSERT = "select has_table_privilege('anon', 'public.charts', 'insert')"


def test_it_has_granted_its_rights_before_anybody_asks() -> None:
    """It does so on its first request to a table, and of two that do at once, one fails."""
    with postgres.server() as server:
        server.create_project("rights")
        with server.connect("rights") as database:
            database.execute("revoke all on public.charts from anon")
            with serve(server, "rights"):
                assert database.execute(MAY_INSERT).fetchone() == (True,)
