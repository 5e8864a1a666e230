"""What a route declares about its callers: who may call it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

from petition.auth.permissions import permission_settings
from petition.auth.session import authenticator
from petition.clients import redis
from petition.clients.redis import Command
from petition.clients.service_role import service_role
from petition.config.init import InitHook
from petition.config.settings import Settings


class AccessSettings(Settings):
    """Whether anybody may call this function, as on a public signing page. Only routes that can be open read it."""

    allow_anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Access[Body]:
    """What the caller of a route must be allowed to do.

    Attributes:
        permission: required in the request's campaign, or in any if the request names none; None: a session is enough.
        can_be_open: whether a deployment may open the route to anonymous callers.
        campaign: the campaign that a request is about; None: the route is about no campaign.
        prefetch: Redis commands that the answer needs, sent together with the look-up of the permission. Reads only, as
            they are sent before the permission is known.
    """

    permission: str | None
    can_be_open: bool = False
    campaign: Callable[[Body], str | None] | None = None
    prefetch: Callable[[Body], Sequence[Command]] | None = None

    @property
    def init_hooks(self) -> Sequence[InitHook]:
        """What must be made before a caller can be authorized."""
        loading = (permission_settings, service_role) if self.permission else ()
        always = (redis.connection,) if self.prefetch else ()
        return [*always, *(partial(self._unless_open, hook) for hook in (redis.connection, authenticator, *loading))]

    def _unless_open(self, hook: InitHook) -> None:
        if not (self.can_be_open and access_settings().allow_anonymous):
            hook()


@cache
def access_settings() -> AccessSettings:
    """Return the process's access settings.

    Raises:
        SettingsError: ALLOW_ANONYMOUS is not a boolean.
    """
    return AccessSettings.load()
