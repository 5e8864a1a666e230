"""What a user may do, as one value."""

from typing import Self

from pydantic import BaseModel, ConfigDict, JsonValue
from pydantic.alias_generators import to_camel

EVERY_CAMPAIGN = "*"


class Snapshot(BaseModel):
    """What a user may do, as the SQL function `permissions_snapshot` answers it.

    Attributes:
        permissions: those held in some campaign or in all.
        campaigns: which are held where, by campaign id; "*" stands for every campaign.
    """

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, hide_input_in_errors=True, serialize_by_alias=True)

    user_id: str
    roles: frozenset[str]
    permissions: frozenset[str]
    campaigns: dict[str, frozenset[str]]

    def allows(self, permission: str, *, campaign: str | None = None) -> bool:
        """Whether the user holds a permission: in that campaign, or, where none is named, in any."""
        if campaign is None:
            return permission in self.permissions
        held = self.campaigns.get(EVERY_CAMPAIGN, frozenset()) | self.campaigns.get(campaign, frozenset())
        return permission in held

    @classmethod
    def of(cls, value: JsonValue, user_id: str) -> Self:
        """The snapshot of that very user.

        Raises:
            ValueError: it is no snapshot, or somebody else's.
        """
        return cls._owned(cls.model_validate(value), user_id)

    @classmethod
    def from_json(cls, text: bytes, user_id: str) -> Self:
        """As `of`, from JSON."""
        return cls._owned(cls.model_validate_json(text), user_id)

    @staticmethod
    def _owned[Owned: Snapshot](snapshot: Owned, user_id: str) -> Owned:
        if snapshot.user_id != user_id:
            raise ValueError
        return snapshot
