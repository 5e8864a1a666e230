"""The description of the running stack in `.local/stack.json`, for any program that uses it."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from local.state import write_atomically


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, hide_input_in_errors=True)


class SupabaseAccess(_Model):
    """Supabase: its URL and both API keys."""

    url: str
    publishable_key: str
    secret_key: str


class DirectusAccess(_Model):
    """Directus: its URL, an administrator, and the user that searches for voters."""

    url: str
    admin_email: str
    admin_password: str
    search_email: str
    search_password: str


class ServiceAddress(_Model):
    """The URL of a service without credentials."""

    url: str


class UserAccess(_Model):
    """Somebody who can sign in to Supabase. `id` is a UUID."""

    id: str
    email: str
    password: str


class Users(_Model):
    """The organizer has every permission, the viewer none."""

    organizer: UserAccess
    viewer: UserAccess


class Campaign(_Model):
    """The demo campaign, one voter who has signed it and one who has not."""

    id: str
    signed_voter_id: str
    unsigned_voter_id: str


class Chart(_Model):
    """One chart of the demo campaign."""

    id: str


class Description(_Model):
    """Everything that a program needs to use the running stack."""

    api: str
    supabase: SupabaseAccess
    directus: DirectusAccess
    redis: ServiceAddress
    aws: ServiceAddress
    users: Users
    campaign: Campaign
    chart: Chart

    @classmethod
    def read(cls, path: Path) -> "Description":
        """Read what `write` has written."""
        return cls.model_validate_json(path.read_bytes())

    def write(self, path: Path) -> None:
        """Write it for other programs, in one step."""
        write_atomically(path, self.model_dump_json(by_alias=True, indent=2) + "\n")
