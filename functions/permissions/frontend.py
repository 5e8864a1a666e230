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
NOT_TOLD = "Permissions are refreshed here, but the website could not be told; please try again."


class Told(Struct):
    """The handler's answer. Without it, a 200 is some other page's: a sign-in page, or a proxy's."""

    revalidated: bool


class FrontendSettings(Settings):
    """The frontend's guarded handler and the secret that opens it; without an address there is no frontend to tell."""

    next_revalidate_url: ServiceUrl | None = None
    next_revalidate_secret: Annotated[str, Meta(min_length=16)] | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What the secret is sent in."""
        return {"Authorization": f"Bearer {self.next_revalidate_secret}"}

    def __post_init__(self) -> None:
        """Check that the secret goes with the address."""
        if self.next_revalidate_url and self.next_revalidate_secret is None:
            raise Malformed("next_revalidate_secret")


class Frontend:
    """The frontend, if there is one."""

    def __init__(self, load: Callable[[], FrontendSettings]) -> None:
        """Take what reads its settings."""
        self._settings = RotatingSetting(load)

    def revalidate(self, tag: str, deadline: Deadline) -> None:
        """Have it drop what it cached under a tag. Repeating it is safe.

        Raises:
            UpstreamError: it could not be told within 2 s, or refused.
        """
        if self._settings.value.next_revalidate_url is None:
            return
        seconds = deadline.within(FRONTEND_SECONDS)
        try:
            told = self._send(tag, seconds)
        except PetitionError as error:
            raise UpstreamError(NOT_TOLD) from error
        if not told.revalidated:
            raise UpstreamError(NOT_TOLD)

    def _send(self, tag: str, seconds: float) -> Told:
        # Imported here: where there is no frontend to tell, the HTTP client need not be loaded.
        from petition.upstream.client import RotatingAuth, read_json, send_request  # noqa: PLC0415 - see above

        settings = self._settings
        auth = RotatingAuth(lambda: settings.value.headers, settings.renew, refusals=REFUSALS)
        url = str(settings.value.next_revalidate_url)
        return read_json(send_request("POST", url, seconds=seconds, json={"tag": tag}, auth=auth), Told)


@process_singleton
def frontend() -> Frontend:
    """The process's own.

    Raises:
        SettingsError: one of the two settings is malformed, or the secret is missing.
    """
    return Frontend(FrontendSettings.load)
