"""One request and its answer, as the gateway reports them."""

from collections.abc import Iterable
from dataclasses import dataclass

from local.gateway.events import Request


@dataclass(frozen=True)
class Exchange:
    """A request that was answered.

    Attributes:
        request: as it came, without its body.
        route: the route's key; None where no route takes the request.
        status: of the answer.
        headers: of the answer.
        body: of the answer.
        seconds: from the request's arrival to its answer.
    """

    request: Request
    route: str | None
    status: int
    headers: Iterable[tuple[str, str]]
    body: bytes
    seconds: float

    @property
    def is_readable(self) -> bool:
        """True if a page of the request's origin may read the answer."""
        return any(name == "access-control-allow-origin" for name, _ in self.headers)
