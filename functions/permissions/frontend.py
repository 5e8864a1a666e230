"""Telling a frontend that caches permissions to drop them: `docs/nextjs-revalidate.md` has its side."""

from collections.abc import Callable
from http import HTTPStatus
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from petition.config.service_url import ServiceUrl
from petition.config.settings import Malformed, Settings, reload_if_rotated
from petition.deadline import Deadline
from petition.errors import PetitionError, UpstreamError
from petition.process_singleton import process_singleton

if TYPE_CHECKING:
    from petition.upstream.client import Answer

FRONTEND_SECONDS = 2.0
REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class FrontendSettings(Settings):
    """The frontend's guarded handler and the secret that opens it; without an address there is no frontend to tell."""

    next_revalidate_url: ServiceUrl | None = None
    next_revalidate_secret: Annotated[str, Meta(min_length=16)] | None = None

    def __post_init__(self) -> None:
        """Check that the secret goes with the address."""
        if self.next_revalidate_url and self.next_revalidate_secret is None:
            raise Malformed("next_revalidate_secret")


class Frontend:
    """A frontend that is to be told, if there is one."""

    def __init__(self, load: Callable[[], FrontendSettings]) -> None:
        """Take what reads its settings."""
        self._load = load
        self._settings = load()

    def revalidate(self, tag: str, deadline: Deadline) -> None:
        """Have it drop what it cached under a tag. Repeating it is safe.

        Raises:
            UpstreamError: it could not be told within 2 s, or refused.
        """
        if self._settings.next_revalidate_url is None:
            return
        seconds = deadline.within(FRONTEND_SECONDS)
        if not _within(seconds, lambda: self._is_told(tag, seconds)):
            raise UpstreamError("Permissions are refreshed here, but the website could not be told; please try again.")

    def _is_told(self, tag: str, seconds: float) -> bool:
        """Whether it took it; asked once more with a new secret, where the old one is refused and was rotated."""
        answer = _sent(tag, self._settings, seconds)
        if answer.status in REFUSED and (renewed := reload_if_rotated(self._settings, self._load)):
            self._settings = renewed
            answer = _sent(tag, renewed, seconds)
        return answer.is_success


@process_singleton
def frontend() -> Frontend:
    """The process's own.

    Raises:
        SettingsError: one of the two settings is malformed, or the secret is missing.
    """
    return Frontend(FrontendSettings.load)


def _sent(tag: str, settings: FrontendSettings, seconds: float) -> "Answer":
    # Imported here: where there is no frontend to tell, the HTTP client need not be loaded.
    from petition.upstream import client as upstream  # noqa: PLC0415 - see above

    url, headers = str(settings.next_revalidate_url), {"Authorization": f"Bearer {settings.next_revalidate_secret}"}
    return upstream.send("POST", url, headers=headers, seconds=seconds, repeatable=True, body={"tag": tag})


def _within(seconds: float, succeeds: Callable[[], bool]) -> bool:
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
