"""POST /api/duplicate: check which voters have signed a campaign."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from duplicate.signer_set import check_settings, membership_command, read_membership, signer_settings
from petition.auth.access import Access
from petition.errors import NotFound, RedisUnavailable
from petition.http.handler import handler as http_handler
from petition.http.route import RequestContext, Route
from petition.http.schema import Schema

MOST_VOTERS = 500
# Only letters, digits, _ and -: the value becomes part of a Redis key.
type Text = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9_-]{1,128}$(?!\n)", description="1 to 128 letters, digits, _ or -, or a whole number"),
]
type Identifier = Text | Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
type Identifiers = Annotated[
    list[Identifier],
    Meta(min_length=1, max_length=MOST_VOTERS, description=f"a list of 1 to {MOST_VOTERS} voters' ids"),
]


class DuplicateQuery(Schema):
    """A campaign, and one or more voters."""

    campaign_id: Identifier
    voter_id: Identifier | UnsetType = UNSET
    voter_ids: Identifiers | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Check that exactly one of the two is given."""
        if (self.voter_id is UNSET) == (self.voter_ids is UNSET):
            message = "Give either voterId or voterIds."
            raise ValueError(message)

    @property
    def campaign(self) -> str:
        """The campaign's id as text. Where it is one of our UUIDs, capitals make no difference."""
        campaign = str(self.campaign_id)
        return campaign.lower() if signer_settings().are_ours else campaign

    @property
    def voters(self) -> Sequence[str]:
        """The voters' ids as text."""
        return [str(self.voter_id)] if self.voter_ids is UNSET else [*map(str, self.voter_ids)]


class DuplicateAnswer(Schema):
    """For one voter, `exists` says whether they have signed; for several, `signed` lists those who have, as sent."""

    exists: bool | UnsetType = UNSET
    signed: list[Identifier] | UnsetType = UNSET


ROUTE = Route(
    path="/api/duplicate",
    summary="Check which voters have signed a campaign",
    access=Access(
        permission="signers:check",
        can_be_open=True,
        campaign=lambda query: query.campaign,
        prefetch=lambda query: [membership_command(query.campaign, query.voters)],
    ),
    request_model=DuplicateQuery,
    response_model=DuplicateAnswer,
    errors=(NotFound, RedisUnavailable),
)


def answer(context: RequestContext[DuplicateQuery]) -> DuplicateAnswer:
    """Answer from the campaign's set, or from the database if the set is not known to be whole."""
    query, [reply] = context.body, context.replies
    signed = read_membership(reply, query.voters)
    if signed is None:
        # Imported here: a set that is whole needs no database.
        from duplicate.lookup import look_up  # noqa: PLC0415 - see above

        signed = look_up(query.campaign, query.voters, context.deadline)
    context.audit.update(campaign=query.campaign, hits=len(signed))
    if query.voter_ids is UNSET:
        return DuplicateAnswer(exists=bool(signed))
    return DuplicateAnswer(signed=[voter for voter in dict.fromkeys(query.voter_ids) if str(voter) in signed])


handler = http_handler(ROUTE, answer, check_settings)
