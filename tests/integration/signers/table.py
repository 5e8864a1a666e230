"""Campaigns and their signatures in a real database, with as many transactions at once as a test opens."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg

from testing import postgres
from tests.integration.lambda_process import USER

CAMPAIGN = UUID("5f0c2a4e-7d31-4b8e-9a16-3c0de2f4b7a1")
INSERT = (
    "insert into signatures (campaign_id, voter_id, signed_at, channel) select %s, unnest(%s::text[]), now(), 'mail'"
)


@dataclass
class Table:
    """The table of signatures, through a connection of the database's owner that commits each statement."""

    server: postgres.Server
    database: psycopg.Connection

    def clear(self) -> None:
        """Leave one campaign without signatures, and the organizer of all campaigns."""
        self.database.execute("truncate campaigns, signatures, signature_changes, pruned_signature_changes cascade")
        self.add_campaign(CAMPAIGN)
        self.database.execute("insert into memberships (user_id, role) values (%s, 'organizer')", (USER,))

    def add_campaign(self, campaign: UUID | None = None) -> UUID:
        """Add a campaign, and return its id."""
        added = campaign or uuid4()
        self.database.execute("insert into campaigns (id, name) values (%s, 'A campaign')", (added,))
        return added

    def delete_campaign(self, campaign: UUID = CAMPAIGN) -> None:
        """Delete a campaign and its signatures."""
        self.database.execute("delete from campaigns where id = %s", (campaign,))

    def sign(self, *voters: str, campaign: UUID = CAMPAIGN) -> None:
        """Add signatures."""
        self.database.execute(INSERT, (campaign, list(voters)))

    def withdraw(self, *voters: str, campaign: UUID = CAMPAIGN) -> None:
        """Withdraw signatures, so that they no longer count."""
        query = "update signatures set status = 'withdrawn' where campaign_id = %s and voter_id = any(%s) and counts"
        self.database.execute(query, (campaign, list(voters)))

    def signers(self, campaign: UUID = CAMPAIGN) -> set[str]:
        """Who has signed, without any of the functions that are tested."""
        query = "select voter_id from signatures where campaign_id = %s and status in ('pending', 'valid')"
        return {voter for (voter,) in self.database.execute(query, (campaign,))}

    @contextmanager
    def transaction(self) -> Iterator["Table"]:
        """The same table in a transaction of its own, which commits at the end of the block."""
        with self.server.connect(self.database.info.dbname) as other, other.transaction():
            yield Table(self.server, other)

    def read_log(self) -> list[tuple[UUID, str | None]]:
        """The log, in the order in which it was written."""
        query = "select campaign_id, voter_id from signature_changes order by id"
        return list(self.database.execute(query).fetchall())

    def age(self, days: int) -> None:
        """Make every entry of the log so many days older."""
        self.database.execute(
            "update signature_changes set changed_at = changed_at - make_interval(days => %s)", (days,)
        )

    def column(self, query: str, *parameters: object) -> Sequence[object]:
        """One column of a query's rows."""
        return [row[0] for row in self.database.execute(query, parameters)]
