"""Callers of Supabase's REST interface, and what an administrator does there."""

from dataclasses import dataclass
from uuid import uuid4

import httpx

from local.description import SupabaseAccess
from petition.auth.permission_set import PermissionSet
from petition.validation import JsonValue

SECONDS = 60


@dataclass
class Member:
    """Somebody who has just signed up."""

    id: str
    token: str

    @classmethod
    def new(cls, access: SupabaseAccess) -> "Member":
        """Sign somebody up."""
        account = {"email": f"{uuid4().hex}@example.org", "password": uuid4().hex}
        headers = {"apikey": access.publishable_key}
        answer = httpx.post(f"{access.url}/auth/v1/signup", headers=headers, json=account, timeout=SECONDS)
        signed_up = answer.raise_for_status().json()
        return cls(signed_up["user"]["id"], signed_up["access_token"])


@dataclass
class Rest:
    """Supabase's REST interface as somebody: the service role, a signed-in user, or nobody."""

    url: str
    key: str
    token: str | None = None

    def call(self, method: str, path: str, body: JsonValue = None) -> httpx.Response:
        """Make one call."""
        headers = {"apikey": self.key, "Prefer": "return=representation"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return httpx.request(method, f"{self.url}/rest/v1/{path}", headers=headers, json=body, timeout=SECONDS)

    def snapshot(self, user_id: str) -> httpx.Response:
        """Call the SQL function."""
        return self.call("POST", "rpc/permissions_snapshot", {"user_id": user_id})

    def rows(self, table: str) -> list[dict[str, JsonValue]]:
        """What can be read of a table."""
        answer = self.call("GET", f"{table}?select=*")
        rows: list[dict[str, JsonValue]] = answer.json() if answer.is_success else []
        return rows


def campaign(service: Rest) -> str:
    """A new campaign's id."""
    [row] = service.call("POST", "campaigns", {"name": "Parks", "goal": 100}).raise_for_status().json()
    return str(row["id"])


def membership(member: Member, role: str, campaign_id: str | None) -> JsonValue:
    """A row of the table."""
    return {"user_id": member.id, "role": role, "campaign_id": campaign_id}


def join(service: Rest, member: Member, role: str, campaign_id: str | None) -> None:
    """Give somebody a role, in a campaign or (None) in every one."""
    service.call("POST", "memberships", membership(member, role, campaign_id)).raise_for_status()


def snapshot(service: Rest, member: Member) -> PermissionSet:
    """What somebody may do, according to the database."""
    return PermissionSet.from_json(service.snapshot(member.id).raise_for_status().content).require_owner(member.id)
