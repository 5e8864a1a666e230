"""Telling a frontend that caches permissions to drop them: `docs/nextjs-revalidate.md` has its side."""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Annotated

from msgspec import Meta

from petition.deadline import Deadline
from petition.errors import PetitionError, UpstreamError
from petition.service_url import ServiceUrl
from petition.settings import Malformed, Settings

FRONTEND_SECONDS = 2.0


class FrontendSettings(Settings):
    """The frontend's guarded handler and the secret that opens it; without an address there is no frontend to tell."""

    next_revalidate_url: ServiceUrl | None = None
    next_revalidate_secret: Annotated[str, Meta(min_length=16)] | None = None

    def __post_init__(self) -> None:
        """Check that the secret goes with the address."""
        if self.next_revalidate_url and self.next_revalidate_secret is None:
            raise Malformed("next_revalidate_secret")


def revalidate_tag(tag: str, settings: FrontendSettings, deadline: Deadline) -> None:
    """Have the frontend drop what it cached under a tag. Repeating it is safe.

    Raises:
        UpstreamError: it could not be told within 2 s, or refused.
    """
    url, secret = settings.next_revalidate_url, settings.next_revalidate_secret
    if url is None or secret is None:
        return
    # Imported here: where there is no frontend to tell, httpx need not be loaded.
    from petition import upstream  # noqa: PLC0415 - see above

    seconds = deadline.within(FRONTEND_SECONDS)
    headers = {"Authorization": f"Bearer {secret}"}
    request = upstream.client().build_request("POST", url, headers=headers, json={"tag": tag}, timeout=seconds)
    if not _within(seconds, lambda: upstream.send(request, repeatable=True).is_success):
        raise UpstreamError("Permissions are refreshed here, but the website could not be told; please try again.")


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
