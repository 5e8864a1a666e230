"""The key that passes the row-level security of the Supabase project."""

from petition.config.rotating_setting import RotatingSetting
from petition.config.service_url import ServiceUrl
from petition.config.settings import Settings
from petition.process_singleton import process_singleton


class ServiceRole(Settings):
    """The project, and its key: `sb_secret_...`, or a service_role JWT."""

    supabase_url: ServiceUrl
    supabase_secret_key: str

    @property
    def rest_url(self) -> str:
        """Where PostgREST answers."""
        return f"{self.supabase_url}/rest/v1"

    @property
    def headers(self) -> dict[str, str]:
        """The headers with the key: a service_role JWT counts in Authorization only, an sb_secret key in apikey."""
        return {"apikey": self.supabase_secret_key, "Authorization": f"Bearer {self.supabase_secret_key}"}


@process_singleton
def service_role() -> RotatingSetting[ServiceRole]:
    """Return the process's service role, as a setting that can be rotated.

    Raises:
        SettingsError: SUPABASE_URL or SUPABASE_SECRET_KEY is missing or malformed.
    """
    return RotatingSetting(ServiceRole.load)
