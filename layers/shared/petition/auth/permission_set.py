"""What a user may do, as one value."""

import msgspec
from msgspec import Struct

EVERY_CAMPAIGN = "*"


class PermissionSet(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a user may do, as the SQL function `permissions_snapshot` answers it.

    Attributes:
        permissions: those held in some campaign or in all.
        campaigns: which are held where, by campaign id; "*" stands for every campaign.
    """

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

    def campaigns_with(self, permission: str) -> frozenset[str] | None:
        """The ids of the campaigns in which the user holds a permission; None stands for every campaign."""
        campaigns = frozenset(campaign for campaign, held in self.campaigns.items() if permission in held)
        return None if EVERY_CAMPAIGN in campaigns else campaigns

    def require_owner(self, user_id: str) -> "PermissionSet":
        """Return this set if it is that user's.

        Raises:
            ValueError: it is somebody else's.
        """
        if self.user_id != user_id:
            raise ValueError
        return self

    @classmethod
    def from_json(cls, text: bytes) -> "PermissionSet":
        """Read back what `to_json` wrote.

        Raises:
            ValueError: it is something else.
        """
        return msgspec.json.decode(text, type=cls)

    def to_json(self) -> bytes:
        """As a cache keeps it."""
        return msgspec.json.encode(self)
