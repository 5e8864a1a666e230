"""The key that passes the row-level security of the Supabase project."""

from petition.config.service_url import ServiceUrl
from petition.config.settings import Settings, reload_if_rotated
from petition.process_singleton import process_singleton


class ServiceRoleSettings(Settings):
    """The project, and its key: `sb_secret_...`, or a service_role JWT."""

    supabase_url: ServiceUrl
    supabase_secret_key: str


@process_singleton
def service_role() -> ServiceRoleSettings:
    """The process's own.

    Raises:
        SettingsError: SUPABASE_URL or SUPABASE_SECRET_KEY is missing or malformed.
    """
    return ServiceRoleSettings.load()


def renewed_service_role(refused: ServiceRoleSettings) -> ServiceRoleSettings | None:
    """What to ask with once more, after a key was refused; None where there is no other."""
    return reload_if_rotated(refused, _anew)


def _anew() -> ServiceRoleSettings:
    service_role.cache_clear()
    return service_role()
