"""Tell a frontend that caches permissions to drop them. `docs/nextjs-revalidate.md` has the frontend's side."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from msgspec import Meta, Struct

from petition.config.rotating_setting import RotatingSetting
from petition.config.service_url import ServiceUrl
from petition.config.settings import Malformed, Settings
from petition.deadline import Deadline
from petition.errors import PetitionError, UpstreamError
from petition.process_singleton import process_singleton

FRONTEND_SECONDS = 2.0
REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
NOT_NOTIFIED = "Permissions are refreshed here, but the website could not be told; please try again."


class RevalidationReply(Struct):
    """The handler's answer. A 200 without it comes from somewhere else: a sign-in page, or a proxy."""

    revalidated: bool


class FrontendSettings(Settings):
    """The frontend's guarded handler and its secret. Without an address, there is no frontend to notify."""

    next_revalidate_url: ServiceUrl | None = None
    next_revalidate_secret: Annotated[str, Meta(min_length=16)] | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The headers that carry the secret."""
        return {"Authorization": f"Bearer {self.next_revalidate_secret}"}

    def __post_init__(self) -> None:
        """Check that an address comes with a secret."""
        if self.next_revalidate_url and self.next_revalidate_secret is None:
            raise Malformed("next_revalidate_secret")


class Frontend:
    """The frontend, if there is one."""

    def __init__(self, load: Callable[[], FrontendSettings]) -> None:
        """Take the function that reads its settings."""
        self._settings = RotatingSetting(load)

    def revalidate(self, tag: str, deadline: Deadline) -> None:
        """Make the frontend drop what it cached under a tag. It is safe to repeat this.

        Raises:
            UpstreamError: the frontend refused, or did not confirm within 2 s.
        """
        if self._settings.value.next_revalidate_url is None:
            return
        seconds = deadline.within(FRONTEND_SECONDS)
        try:
            reply = self._send(tag, seconds)
        except PetitionError as error:
            raise UpstreamError(NOT_NOTIFIED) from error
        if not reply.revalidated:
            raise UpstreamError(NOT_NOTIFIED)

    def _send(self, tag: str, seconds: float) -> RevalidationReply:
        # Imported here: without a frontend to notify, the HTTP client need not be loaded.
        from petition.upstream.client import RotatingAuth, read_json, send_request  # noqa: PLC0415 - see above

        settings = self._settings
        auth = RotatingAuth(lambda: settings.value.headers, settings.renew, refusals=REFUSALS)
        url = str(settings.value.next_revalidate_url)
        response = send_request("POST", url, seconds=seconds, json={"tag": tag}, auth=auth)
        return read_json(response, RevalidationReply)


@process_singleton
def frontend() -> Frontend:
    """Return the frontend, made once for each process.

    Raises:
        SettingsError: one of the two settings is malformed, or the secret is missing.
    """
    return Frontend(FrontendSettings.load)
