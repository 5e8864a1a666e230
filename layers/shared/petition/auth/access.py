"""Who may call a route: the one place that lets a request in or turns it away."""

from collections.abc import Callable, Sequence
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
from petition.http.request import HttpRequest


class AccessSettings(Settings):
    """Whether this function answers anybody, as on a public signing page. Only routes that can be open heed it."""

    allow_anonymous: bool = False


def _nothing(_: object) -> tuple[Command, ...]:
    return ()


def _any_campaign(_: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Access[Query]:
    """What a caller of a route must be allowed.

    Attributes:
        permission: held in the request's campaign, or in any where the request names none; None: a session is enough.
        can_be_open: whether a deployment may open the route to anonymous callers.
        campaign: the campaign that a request is about.
        prefetch: Redis commands that the answer needs, sent along with the look-up of the permission. Reads only, since
            they are sent before it is known whether the caller holds it.
    """

    permission: str | None
    can_be_open: bool = False
    campaign: Callable[[Query], str | None] = _any_campaign
    prefetch: Callable[[Query], Sequence[Command]] = _nothing

    @property
    def init_hooks(self) -> Sequence[InitHook]:
        """What letting a caller in takes."""
        loading = (permissions.permission_settings, service_role) if self.permission else ()
        always = () if self.prefetch is _nothing else (redis.connection,)
        return [*always, *(partial(self._unless_open, hook) for hook in (redis.connection, authenticator, *loading))]

    def identify(self, request: HttpRequest) -> Session | None:
        """The caller's session; None on a route that is open.

        Raises:
            Unauthenticated: there is no valid session.
            UpstreamError, UpstreamBusy, UpstreamTimeout: the project's keys were never fetched and cannot be now.
        """
        if self._is_open():
            return None
        return authenticator().authenticate(request.headers, request.cookies)

    def authorize(self, session: Session | None, query: Query, deadline: Deadline) -> Authorized:
        """Let the caller go on, with the replies to `prefetch`.

        Raises: as `petition.auth.permissions.authorize`.
        """
        if session is None or self.permission is None:
            return Authorized(None, redis.run(self.prefetch(query)))
        return permissions.authorize(
            session,
            self.permission,
            campaign=self.campaign(query),
            redis=redis.connection(),
            deadline=deadline,
            prefetch=self.prefetch(query),
        )

    def _is_open(self) -> bool:
        return self.can_be_open and _settings().allow_anonymous

    def _unless_open(self, hook: InitHook) -> None:
        if not self._is_open():
            hook()


@cache
def _settings() -> AccessSettings:
    return AccessSettings.load()
