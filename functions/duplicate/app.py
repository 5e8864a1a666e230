"""POST /api/duplicate: has this voter signed this campaign already?"""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

from petition.access import Access
from petition.api import Call, Message, Route
from petition.api import handler as http_handler
from petition.errors import RedisUnavailable
from petition.model import JsonValue
from petition.redis import Command

# Letters, digits, _ and - alone: the value becomes part of a Redis key.
type Identifier = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{1,128}$(?!\n)",
        description="1 to 128 letters, digits, _ or -, or a whole number",
        extra_json_schema={"type": ["string", "integer"]},
    ),
]


class DuplicateQuery(Message):
    """A voter and a campaign."""

    campaign_id: Identifier
    voter_id: Identifier

    @classmethod
    def prepared(cls, values: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """Ids as text."""
        return {name: _as_text(value) for name, value in values.items()}


def _as_text(value: JsonValue) -> JsonValue:
    # Bounded before it is turned into text: Python refuses to write out an integer of thousands of digits.
    return str(value) if type(value) is int and abs(value) < 10**40 else value


class DuplicateAnswer(Message):
    """Whether the voter is among the campaign's signers."""

    exists: bool


def _membership(query: DuplicateQuery) -> tuple[Command, ...]:
    return (("SISMEMBER", f"campaign:{query.campaign_id}:signers", query.voter_id),)


ROUTE = Route(
    path="/api/duplicate",
    summary="Has this voter signed this campaign already?",
    access=Access(
        permission="signers:check",
        can_be_open=True,
        campaign=lambda query: query.campaign_id,
        reads=_membership,
    ),
    takes=DuplicateQuery,
    answers=DuplicateAnswer,
    fails=(RedisUnavailable,),
)


def answer(call: Call[DuplicateQuery]) -> DuplicateAnswer:
    """Say what Redis, where the campaign's signers are kept as a set, has answered."""
    [signed] = call.replies
    call.audit.update(campaign=call.query.campaign_id, hits=int(bool(signed)))
    return DuplicateAnswer(exists=bool(signed))


handler = http_handler(ROUTE, answer)
