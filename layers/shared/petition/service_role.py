"""The key that passes the row-level security of the Supabase project."""

from petition.service_url import ServiceUrl
from petition.settings import Settings, another
from petition.warm import kept


class ServiceRoleSettings(Settings):
    """The project, and its key: `sb_secret_...`, or a service_role JWT."""

    supabase_url: ServiceUrl
    supabase_secret_key: str


@kept
def service_role() -> ServiceRoleSettings:
    """The process's own.

    Raises:
        SettingsError: SUPABASE_URL or SUPABASE_SECRET_KEY is missing or malformed.
    """
    return ServiceRoleSettings.load()


def renewed_service_role(refused: ServiceRoleSettings) -> ServiceRoleSettings | None:
    """What to ask with once more, after a key was refused; None where there is no other."""
    return another(refused, _anew)


def _anew() -> ServiceRoleSettings:
    service_role.cache_clear()
    return service_role()
