"""Who may call a route: the one place that lets a request in or turns it away."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

from petition.auth import permissions
from petition.auth.permissions import Authorized
from petition.auth.session import Session, authenticator
from petition.clients import redis
from petition.clients.redis import Command
from petition.clients.service_role import service_role
from petition.config.init import InitHook
from petition.config.settings import Settings
from petition.deadline import Deadline


class AccessSettings(Settings):
    """Whether anybody may call this function, as on a public signing page. Only routes that can be open read it."""

    allow_anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Access[Query]:
    """What the caller of a route must be allowed to do.

    Attributes:
        permission: held in the request's campaign, or in any where the request names none; None: a session is enough.
        can_be_open: whether a deployment may open the route to anonymous callers.
        campaign: the campaign that a request is about; None: the route is about no campaign.
        prefetch: Redis commands that the answer needs, sent together with the look-up of the permission. Reads only, as
            they are sent before the permission is known.
    """

    permission: str | None
    can_be_open: bool = False
    campaign: Callable[[Query], str | None] | None = None
    prefetch: Callable[[Query], Sequence[Command]] | None = None

    @property
    def init_hooks(self) -> Sequence[InitHook]:
        """What must be made before a caller can be let in."""
        loading = (permissions.permission_settings, service_role) if self.permission else ()
        always = (redis.connection,) if self.prefetch else ()
        return [*always, *(partial(self._unless_open, hook) for hook in (redis.connection, authenticator, *loading))]

    def identify(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Session | None:
        """The caller's session; None on a route that is open.

        Args:
            headers: by lower-case name.
            cookies: by name.

        Raises:
            Unauthenticated: there is no valid session.
            UpstreamError, UpstreamBusy, UpstreamTimeout: the project's keys were never fetched and cannot be now.
        """
        if self._is_open():
            return None
        return authenticator().authenticate(headers, cookies)

    def authorize(self, session: Session | None, query: Query, deadline: Deadline) -> Authorized:
        """Check the caller's permission, and get the replies to `prefetch`.

        Raises: as `petition.auth.permissions.authorize`.
        """
        commands = self.prefetch(query) if self.prefetch else ()
        if session is None or self.permission is None:
            return Authorized(None, redis.run(commands))
        return permissions.authorize(
            session,
            self.permission,
            campaign=self.campaign(query) if self.campaign else None,
            redis=redis.connection(),
            deadline=deadline,
            prefetch=commands,
        )

    def _is_open(self) -> bool:
        return self.can_be_open and _settings().allow_anonymous

    def _unless_open(self, hook: InitHook) -> None:
        if not self._is_open():
            hook()


@cache
def _settings() -> AccessSettings:
    return AccessSettings.load()
