"""POST /api/duplicate: has this voter signed this campaign already?"""

from typing import Annotated

from msgspec import Meta

from petition.auth.access import Access
from petition.clients.redis import Command
from petition.errors import RedisUnavailable
from petition.http.handler import handler as http_handler
from petition.http.route import RequestContext, Route
from petition.http.schema import Schema

# Letters, digits, _ and - alone: the value becomes part of a Redis key.
type Text = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9_-]{1,128}$(?!\n)", description="1 to 128 letters, digits, _ or -, or a whole number"),
]
type Identifier = Text | Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class DuplicateQuery(Schema):
    """A voter and a campaign."""

    campaign_id: Identifier
    voter_id: Identifier

    @property
    def campaign(self) -> str:
        """The campaign's id as text."""
        return str(self.campaign_id)

    @property
    def membership(self) -> Command:
        """The question for Redis."""
        return "SISMEMBER", f"campaign:{self.campaign}:signers", str(self.voter_id)


class DuplicateAnswer(Schema):
    """Whether the voter is among the campaign's signers."""

    exists: bool


ROUTE = Route(
    path="/api/duplicate",
    summary="Has this voter signed this campaign already?",
    access=Access(
        permission="signers:check",
        can_be_open=True,
        campaign=lambda query: query.campaign,
        prefetch=lambda query: [query.membership],
    ),
    request_model=DuplicateQuery,
    response_model=DuplicateAnswer,
    errors=(RedisUnavailable,),
)


def answer(context: RequestContext[DuplicateQuery]) -> DuplicateAnswer:
    """Say what Redis, where the campaign's signers are kept as a set, has answered."""
    [signed] = context.replies
    context.audit.update(campaign=context.body.campaign, hits=int(bool(signed)))
    return DuplicateAnswer(exists=bool(signed))


handler = http_handler(ROUTE, answer)
