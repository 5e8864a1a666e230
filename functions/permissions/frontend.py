"""Telling a frontend that caches permissions to drop them: `docs/nextjs-revalidate.md` has its side."""

from collections.abc import Callable
from http import HTTPStatus
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Annotated

from msgspec import Meta

from petition.config.rotating_setting import RotatingSetting
from petition.config.service_url import ServiceUrl
from petition.config.settings import Malformed, Settings
from petition.deadline import Deadline
from petition.errors import PetitionError, UpstreamError
from petition.process_singleton import process_singleton

FRONTEND_SECONDS = 2.0
REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


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
    """A frontend that is to be told, if there is one."""

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
        if not _succeeds_within(seconds, lambda: self._send(tag, seconds)):
            raise UpstreamError("Permissions are refreshed here, but the website could not be told; please try again.")

    def _send(self, tag: str, seconds: float) -> bool:
        """Whether the frontend takes the tag."""
        # Imported here: where there is no frontend to tell, the HTTP client need not be loaded.
        from petition.upstream.client import RotatingAuth, send_request  # noqa: PLC0415 - see above

        settings = self._settings
        auth = RotatingAuth(lambda: settings.value.headers, settings.renew, refusals=REFUSALS)
        url = str(settings.value.next_revalidate_url)
        return send_request("POST", url, seconds=seconds, json={"tag": tag}, auth=auth).is_success


@process_singleton
def frontend() -> Frontend:
    """The process's own.

    Raises:
        SettingsError: one of the two settings is malformed, or the secret is missing.
    """
    return Frontend(FrontendSettings.load)


def _succeeds_within(seconds: float, succeeds: Callable[[], bool]) -> bool:
    """Whether it succeeds in time. A thread, since looking up a name and an answer in drops heed no time-out."""
    outcome: SimpleQueue[bool] = SimpleQueue()

    def attempt() -> None:
        try:
            outcome.put(succeeds())
        except PetitionError:
            outcome.put(False)  # noqa: FBT003 - the outcome

    Thread(target=attempt, daemon=True).start()
    try:
        return outcome.get(timeout=seconds)
    except Empty:
        return False
